// What the helper needs of the stock SDK, as shapes: nothing of it is imported, so one SDK in a page is enough.

/** The part of an SDK room that the helper uses. */
export interface SdkRoom {
  readonly name: string;
  readonly roomId: string;
  readonly sessionId: string;
  readonly state: unknown;
  readonly connection: { readonly isOpen: boolean };
  readonly reconnection: { enabled: boolean };
  onStateChange(listener: () => void): unknown;
  onLeave(listener: (code: number, reason?: string) => void): unknown;
  onMessage(type: string, listener: (message: unknown) => void): unknown;
  leave(consented?: boolean): Promise<number>;
}

/** The part of the SDK's `Client` (`ColyseusSDK`, 0.18) that the helper uses. */
export interface SdkClient {
  readonly settings: { readonly hostname: string; readonly port?: number; readonly pathname?: string };
  /** Its setter hands the token to HTTP requests and sockets. It writes no storage: the SDK's own key is touched by its sign-in calls alone. */
  readonly auth: { token: string | undefined };
  readonly http: {
    post(path: string, options?: { body?: object; signal?: AbortSignal }): Promise<{ readonly data: unknown }>;
  };
  joinOrCreate(roomName: string, options?: object): Promise<SdkRoom>;
  create(roomName: string, options?: object): Promise<SdkRoom>;
  join(roomName: string, options?: object): Promise<SdkRoom>;
  joinById(roomId: string, options?: object): Promise<SdkRoom>;
}
