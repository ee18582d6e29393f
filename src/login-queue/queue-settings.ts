// The settings of the queue: which of them an operator may change while it runs, and what is in force after a change.
import type { QueueMode } from "../wire.ts";
import { effectiveBurst } from "./admission.ts";

/** Settings that may be changed while the queue runs: each is the option of that name, and `notice`. */
export interface LiveQueueSettings {
  readonly mode: QueueMode;
  /** Words for everybody who waits; empty for none. */
  readonly notice: string;
  readonly targetLoginRatePerSecond: number;
  readonly loginBurst: number;
  readonly targetCcuLimit: number;
  readonly safetyMarginPercent: number;
  readonly estimatedSecondsToLogin: number;
  readonly maxCheckTicketPollTimeSeconds: number;
  readonly queueGraceSeconds: number;
  readonly playerGraceSeconds: number;
  readonly passSeconds: number;
  readonly pollPresentSeconds: number;
  readonly maxQueueLength: number;
  /** Waiting tickets that one address may have; 0 = any number. */
  readonly maxTicketsPerIp: number;
  /** Weight by lane. */
  readonly lanes: Readonly<Record<string, number>>;
}

/** What the queue goes by, in the words of DESIGN 5. */
export interface QueueSettings extends Omit<LiveQueueSettings, "loginBurst"> {
  /** null: one second's worth of the rate, whatever the rate becomes. */
  readonly loginBurst: number | null;
  /** Read once, at the start. */
  readonly restoreSeconds: number;
}

/** A change: the settings that are named, `null` putting one back to what the options say. */
export type QueuePatch = { readonly [Name in keyof LiveQueueSettings]?: LiveQueueSettings[Name] | null | undefined };

/** What was changed and not put back: what a store keeps. */
export type QueueOverrides = Partial<LiveQueueSettings>;

/** What is changed after `patch`. */
export function patchOverrides(overrides: QueueOverrides, patch: QueuePatch): QueueOverrides {
  const named = Object.entries(patch).filter(([, value]) => value !== undefined);
  const changed = Object.entries({ ...overrides, ...Object.fromEntries(named) });
  return Object.fromEntries(changed.filter(([, value]) => value !== null));
}

/** The values in force, each by name. */
export function liveSettingsOf(settings: QueueSettings): LiveQueueSettings {
  return {
    mode: settings.mode,
    notice: settings.notice,
    targetLoginRatePerSecond: settings.targetLoginRatePerSecond,
    loginBurst: effectiveBurst(settings),
    targetCcuLimit: settings.targetCcuLimit,
    safetyMarginPercent: settings.safetyMarginPercent,
    estimatedSecondsToLogin: settings.estimatedSecondsToLogin,
    maxCheckTicketPollTimeSeconds: settings.maxCheckTicketPollTimeSeconds,
    queueGraceSeconds: settings.queueGraceSeconds,
    playerGraceSeconds: settings.playerGraceSeconds,
    passSeconds: settings.passSeconds,
    pollPresentSeconds: settings.pollPresentSeconds,
    maxQueueLength: settings.maxQueueLength,
    maxTicketsPerIp: settings.maxTicketsPerIp,
    lanes: { ...settings.lanes },
  };
}

export interface SettingChange {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The settings that differ. */
export function settingChanges(previous: LiveQueueSettings, settings: LiveQueueSettings): SettingChange[] {
  const old = new Map<string, unknown>(Object.entries(previous));
  return Object.entries(settings)
    .map(([name, after]): SettingChange => ({ name, before: old.get(name), after }))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

/** Every name of a live setting, each set to null: puts everything back. */
export function resetOf(settings: QueueSettings): QueuePatch {
  return Object.fromEntries(Object.keys(liveSettingsOf(settings)).map((name) => [name, null]));
}
