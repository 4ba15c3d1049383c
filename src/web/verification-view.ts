/**
 * What the verification page is told. Plain data: every sentence comes in both languages, nothing is encoded yet,
 * and the page adds no knowledge of its own about the code.
 */

import type { Verdict } from '../core/codes/verdict-words.ts';
import type { HopType } from '../core/events/hop.ts';
import type { BlockingType } from '../core/orders/order.ts';
import type { Bilingual } from './words.ts';

/** What the reader is about to do with the thing: the one tap the page asks for. The value of `?for=`. */
export const purposes = ['shop', 'installed', 'service'] as const;
export type Purpose = (typeof purposes)[number];

export type CertificateState = 'valid' | 'suspended' | 'withdrawn' | 'expired';

export interface JourneyStep {
  readonly step: HopType;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly region: Bilingual | null;
}

export interface VerificationView {
  readonly verdict: Verdict;
  /** The verdict's own sentence. */
  readonly headline: Bilingual;
  /** Why; a layman's sentence each, the weightiest first. */
  readonly reasons: readonly ({ readonly code: string } & Bilingual)[];
  /** Orders in force that stop it, newest first; `since` in ms since the epoch. */
  readonly orders: readonly {
    readonly type: BlockingType;
    readonly number: string;
    readonly issuer: { readonly name: string; readonly nameEn: string | null } | null;
    readonly since: number;
    readonly notice: Bilingual | null;
  }[];
  readonly product: {
    readonly name: string;
    readonly nameEn: string | null;
    readonly model: string;
    /** `zh` is the regulation's name of the category (手提式灭火器 …): it selects what to check on the thing. */
    readonly category: Bilingual | null;
    readonly gtin: string;
  } | null;
  readonly manufacturer: {
    readonly name: string;
    readonly nameEn: string | null;
    readonly region: Bilingual | null;
  } | null;
  readonly lot: string | null;
  /** `YYYY-MM-DD`. */
  readonly productionDate: string | null;
  readonly certificate: {
    readonly number: string;
    readonly body: string | null;
    readonly state: CertificateState;
  } | null;
  /** Whether one on record was valid when it was made; null where that cannot be said. */
  readonly certifiedWhenMade: boolean | null;
  /** Oldest first; null when it is not shown because the code carries no signature. */
  readonly journey: readonly JourneyStep[] | null;
  /** Public scans before this one; `firstAt` in ms since the epoch. */
  readonly scans: { readonly count: number; readonly firstAt: number | null } | null;
  readonly proof: { readonly seq: number; readonly leafHash: string } | null;
  /** The host that must stand beside the QR and in the address bar. */
  readonly host: string;
  readonly code: {
    /** As scanned or typed. */
    readonly text: string;
    /** `(01)…(21)…`. */
    readonly elementString: string;
  };
  readonly purpose: Purpose | null;
  /** ms since the epoch. */
  readonly checkedAt: number;
  readonly urls: {
    /** Path and query of this very page, root-relative, without `for=` and `lang=`. */
    readonly here: string;
    /** Where the log entry of `proof` is served; null when there is none. */
    readonly proof: string | null;
  };
}
