/** What an audit finds: the first thing that does not fit, and where. */
export interface Mismatch {
  /** Table, and the entry where there is one. */
  readonly table: string;
  readonly seq: number | null;
  /** A sentence that names the column and what differs. */
  readonly what: string;
}

/** Thrown where it is found, and caught where the audit ends. */
export class Differs extends Error {
  override readonly name = 'Differs';
  readonly mismatch: Mismatch;
  constructor(table: string, seq: number | null, what: string) {
    super(what);
    this.mismatch = { table, seq, what };
  }
}
