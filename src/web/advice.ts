/**
 * What to do now: the verdict's word, and advice for the reader who buys, who has the thing on the wall, or who
 * has it serviced. The table is total, so that no verdict meets a reader without advice. It never says "genuine":
 * a code speaks for itself and for what was recorded under it, not for the thing it is stuck on.
 */
import type { Verdict } from '../core/codes/verdict-words.ts';
import type { Purpose, VerificationView } from './verification-view.ts';
import type { Bilingual } from './words.ts';

const b = (zh: string, en: string): Bilingual => ({ zh, en });

/** The one large word of the page. */
export const verdictNames: Readonly<Record<Verdict, Bilingual>> = {
  forged: b('伪造码', 'Forged code'),
  unknown: b('无法确认', 'Not confirmed'),
  blocked: b('已停止流通', 'Blocked'),
  retired: b('已注销', 'Retired code'),
  conflicted: b('记录有矛盾', 'Records conflict'),
  consistent: b('记录一致', 'Records agree'),
};

/** The three taps: where the reader meets the thing. */
export const purposeWords: Readonly<Record<Purpose, Bilingual>> = {
  shop: b('店里新品', 'New in a shop'),
  installed: b('已经安装', 'Installed here'),
  service: b('维修检查', 'Being serviced'),
};

const advice: Readonly<Record<Verdict, Readonly<Record<Purpose | 'untold', Bilingual>>>> = {
  forged: {
    untold: b(
      '不要购买，也不要依靠它灭火逃生。保留实物、包装和票据，拍照后举报。',
      'Do not buy it and do not rely on it in a fire. Keep the thing, its packing and the receipt, take photos and report it.',
    ),
    shop: b(
      '不要购买。拍下标签、实物和店铺，记下地点，向 12315 举报。',
      'Do not buy it. Photograph label, product and shop, note the place, and report to 12315.',
    ),
    installed: b(
      '不要再依靠它：尽快换上可靠的产品，原物留作证据，不要自行丢弃，并举报。',
      'Do not rely on it any longer: replace it soon, keep the old one as evidence, do not throw it away, and report it.',
    ),
    service: b(
      '停止维修，不要交付使用。告知使用单位，原物留作证据并举报。',
      'Stop the work and do not hand it back for use. Tell the user, keep it as evidence and report it.',
    ),
  },
  unknown: {
    untold: b(
      '先核对标签上的字符，最好重扫标签上的二维码。仍然无法确认的，不要购买或依靠它，并举报。',
      'First compare the characters, or better scan the QR on the label again. If it is still not confirmed, do not buy it or rely on it, and report it.',
    ),
    shop: b(
      '不要购买。请卖家说明来源并出示进货票据；说不清的，举报。',
      'Do not buy it. Ask the seller where it comes from and for the delivery note; if there is no clear answer, report it.',
    ),
    installed: b(
      '向安装或供货单位索取来源证明；说不清的，更换并举报。',
      'Ask whoever supplied or installed it for proof of origin; if there is none, replace it and report it.',
    ),
    service: b(
      '先不要维修交付。如实登记看到的标识，请使用单位查明来源。',
      'Do not service and hand it back yet. Record the marks as you see them and ask the user to find out where it came from.',
    ),
  },
  blocked: {
    untold: b(
      '不要买卖、使用或转手。上面写明怎么办的，照着办；没有写明的，等候监管部门处理。',
      'Do not sell, buy, use or pass it on. Do what the notice above says; where there is none, wait for the authority.',
    ),
    shop: b(
      '不要购买。它本应停止销售：记下店铺和地点，向 12315 举报。',
      'Do not buy it. Its sale should have stopped: note the shop and the place and report to 12315.',
    ),
    installed: b(
      '请联系供货单位和当地监管部门，并先用其他可靠产品顶替。',
      'Contact the supplier and the local authority, and put a reliable product in its place meanwhile.',
    ),
    service: b(
      '不要维修、充装或拆走，请使用单位联系监管部门。',
      'Do not service, refill or take it away; have the user contact the authority.',
    ),
  },
  retired: {
    untold: b(
      '这个码的产品已记录为报废、销毁或换标，不应再出售或使用。',
      'What carried this code is recorded as scrapped, destroyed or relabelled. It should no longer be sold or used.',
    ),
    shop: b(
      '不要购买：可能是旧件翻新，或旧标签被重复使用。请举报。',
      'Do not buy it: it may be an old one refurbished, or an old label used again. Please report it.',
    ),
    installed: b(
      '尽快更换，不要再依靠它；如果您认为记录有误，请找维修单位核对。',
      'Replace it soon and do not rely on it; if you think the record is wrong, ask the maintenance firm.',
    ),
    service: b(
      '不要维修或充装，按报废处理；若标签已换新，请扫新标签。',
      'Do not service or refill it; dispose of it. If it carries a new label, scan that one.',
    ),
  },
  conflicted: {
    untold: b(
      '记录互相矛盾，可能是录入错误，也可能是同一个码被复制到多件产品上。弄清之前不要依靠它。',
      'The records contradict each other. It may be a slip in recording, or one code copied onto several things. Do not rely on it until that is cleared up.',
    ),
    shop: b(
      '先不要购买，换一件或请卖家出示这一件的进货票据；说不清的，举报。',
      'Do not buy it yet: take another one, or ask for the delivery note of this very one; if there is no clear answer, report it.',
    ),
    installed: b(
      '拍下标签和安装位置，请供货或维修单位核对；并按下面各项检查实物。',
      'Photograph the label and where it is installed, have the supplier or maintenance firm check it, and look at the points below.',
    ),
    service: b(
      '逐项核对实物和标签再动手，并把您看到的如实登记。',
      'Compare thing and label point by point before you start, and record what you see.',
    ),
  },
  consistent: {
    untold: b(
      '请点选上面的一项，并按下面各项核对实物。',
      'Tap above what fits, and check the real thing by the points below.',
    ),
    shop: b(
      '新品的记录应停在销售之前，没有安装、维修过。核对实物，索要写明编号的发票或收据。',
      'The record of a new one should end before any sale, installation or service. Check the thing and ask for a receipt that names its number.',
    ),
    installed: b(
      '看流转记录里有没有安装、地区对不对，再检查实物；到期要维修或更换。',
      'See whether its journey shows an installation and the right region, then check the thing. Service or replace it when due.',
    ),
    service: b(
      '维修前后都核对实物；请维修单位把维修、充装记录到这个码下，并贴维修合格标识。',
      'Check the thing before and after. Have the firm record the service or refill under this code and put its service label on.',
    ),
  },
};

/** What to do with a container that nothing speaks against: what counts are the things inside. */
export const cartonAdvice = b(
  '请按下面各项核对，开箱后逐件扫码。',
  'Check it by the points below, and scan each thing inside.',
);

export const adviceFor = (verdict: Verdict, purpose: Purpose | null): Bilingual =>
  advice[verdict][purpose ?? 'untold'];

/** Reasons that a reader must not miss although they do not make the verdict: shown under it, not further down. */
const cautions: ReadonlySet<string> = new Set([
  'typed-no-signature',
  'foreign-host',
  'key-leak-suspected',
  'maker-unverified',
  'expired',
  'overdue',
  'recorded-nonconformant',
  'certificate-suspended',
  'certificate-withdrawn',
]);

export const isCaution = (reason: string): boolean => cautions.has(reason);

/** What the reader says and what is recorded do not go together, although the records agree with each other. */
export function mismatch(view: VerificationView): Bilingual | null {
  if (view.verdict !== 'consistent' || view.purpose === null) return null;
  const reasons = new Set(view.reasons.map(({ code }) => code));
  if (view.purpose === 'shop' && reasons.has('recorded-installed'))
    return b(
      '注意：您在购买，但记录显示它已经安装过。这可能是旧件，或码被复制。先不要购买。',
      'Careful: you are buying it, but it is recorded as installed already. It may be a used one, or the code was copied. Do not buy it yet.',
    );
  if (view.purpose === 'shop' && reasons.has('recorded-sold'))
    return b(
      '注意：您在购买，但记录显示它已经售出过。请卖家说明；说不清的不要购买。',
      'Careful: you are buying it, but it is recorded as sold already. Ask the seller; without a clear answer do not buy it.',
    );
  if (reasons.has('issued-not-produced') || reasons.has('not-shipped-yet'))
    return b(
      '注意：它就在您面前，但记录显示它还没有出厂。请向供货一方问明来源。',
      'Careful: you have it before you, but by its record it has not left the factory. Ask whoever supplied it where it came from.',
    );
  return null;
}
