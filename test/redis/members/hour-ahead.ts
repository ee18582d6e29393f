// Loaded before everything else: sets this process's clock an hour ahead.
const ahead = 3_600_000;
const RightDate = Date;

globalThis.Date = class extends RightDate {
  constructor(...args: [] | [value: number | string | Date]) {
    if (args.length === 0) super(RightDate.now() + ahead);
    else super(...args);
  }

  static override now(): number {
    return RightDate.now() + ahead;
  }
} as DateConstructor;
