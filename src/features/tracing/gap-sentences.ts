/** What a gap means, and what record would close it, in sentences. */
import type { Expected, GapKind } from '../../core/tracing/gaps.ts';
import type { PartyView } from './names.ts';

export interface Sentence {
  readonly zh: string;
  readonly en: string;
}

/** null stands for a party that is not known, or that the reader may not know. */
type Somebody = PartyView | null;

const zh = (party: Somebody): string => party?.name ?? '某主体';
const en = (party: Somebody): string => party?.nameEn ?? party?.name ?? 'somebody';

export function gapSentence(kind: GapKind, from: Somebody, to: Somebody): Sentence {
  switch (kind) {
    case 'received-not-shipped':
      return {
        zh: `${zh(to)}记录从${zh(from)}收货，但没有${zh(from)}向其发货的记录。`,
        en: `Received by ${en(to)} from ${en(from)}, never shipped there by ${en(from)}.`,
      };
    case 'shipped-not-received':
      return {
        zh: `${zh(from)}记录向${zh(to)}发货，但没有${zh(to)}收货的记录。`,
        en: `Shipped by ${en(from)} to ${en(to)}, never received there.`,
      };
    case 'holder-changed-silently':
      return {
        zh: `货物原由${zh(from)}持有，后由${zh(to)}处置，中间如何转手没有记录。`,
        en: `Held by ${en(from)}, then handled by ${en(to)}; nothing tells how it got there.`,
      };
    case 'no-production':
      return { zh: '没有生产记录，来源不明。', en: 'Nothing tells how it was made or where it began.' };
  }
}

/** Which record would have been there if all had been told, and whose it is to make. */
export function expectedSentence(
  hop: Expected['hop'],
  { by, from, to }: { readonly by: Somebody; readonly from: Somebody; readonly to: Somebody },
): Sentence {
  switch (hop) {
    case 'ship':
      return {
        zh: `应有${zh(from)}向${zh(to)}发货的记录，由${zh(by)}填报。`,
        en: `Expected: a shipment from ${en(from)} to ${en(to)}, for ${en(by)} to record.`,
      };
    case 'receive':
      return {
        zh: `应有${zh(to)}从${zh(from)}收货的记录，由${zh(by)}填报。`,
        en: `Expected: a receipt by ${en(to)} from ${en(from)}, for ${en(by)} to record.`,
      };
    case 'produce':
      return {
        zh: `应有生产、存量登记、加工、分切或换标的记录，由${zh(by)}或经其委托者填报。`,
        en: `Expected: its production, or how it was adopted, made of something or relabelled, for ${en(by)} or its delegate to record.`,
      };
  }
}
