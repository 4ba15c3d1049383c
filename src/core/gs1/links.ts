/**
 * Links of a Digital Link resolver: what the owner of a GTIN says stands where about its product, lot or unit, and
 * which of it answers a request.
 *
 * Standards: GS1-Conformant Resolver 1.2, RFC 9264 (linksets), RFC 4647 §3.4 (lookup of languages). A link belongs to what it
 * is anchored at and to everything below: those of the product hold for its lots and units. Of the links of the type that is
 * asked for, the nearest count; of these the ones of the context asked for, or else of none; then the language the reader
 * likes best, or else those in no language; then the media type it likes best, and the earliest recorded. What the reader
 * cannot take by `Accept` is left out unless nothing else is there.
 *
 * Example: manuals `zh-CN` and `en` at `01/06901234567892`, and `?linkType=gs1:instructions` of
 * `01/06901234567892/21/A7` with `Accept-Language: en-GB, zh;q=0.5` leads to the English one.
 */

/** Types of the GS1 Web Vocabulary that owners give links of, and what they are called. */
export const ownerLinkTypes = {
  pip: { zh: '产品信息', en: 'Product information' },
  instructions: { zh: '使用说明', en: 'Instructions' },
  quickStartGuide: { zh: '快速入门', en: 'Quick start guide' },
  tutorial: { zh: '教程', en: 'Tutorial' },
  relatedVideo: { zh: '相关视频', en: 'Video' },
  faqs: { zh: '常见问题', en: 'Frequently asked questions' },
  whatsInTheBox: { zh: '装箱清单', en: 'What is in the box' },
  safetyInfo: { zh: '安全信息', en: 'Safety information' },
  certificationInfo: { zh: '认证信息', en: 'Certification' },
  serviceInfo: { zh: '维修保养', en: 'Service and maintenance' },
  support: { zh: '客户支持', en: 'Support' },
  hasRetailers: { zh: '销售网点', en: 'Retailers' },
  masterData: { zh: '产品主数据', en: 'Master data' },
  sustainabilityInfo: { zh: '环保信息', en: 'Sustainability' },
} as const satisfies Record<string, { readonly zh: string; readonly en: string }>;
export type OwnerLinkType = keyof typeof ownerLinkTypes;

/** Types that the ledger answers itself, so that nobody turns a verification elsewhere. */
const ledgerLinkTypes = ['defaultLink', 'verificationService', 'traceability'] as const;
export type LedgerLinkType = (typeof ledgerLinkTypes)[number];

/** Where the types are described; older spellings are read too. */
export const vocabulary = 'https://ref.gs1.org/voc/';

export interface ResolverLink {
  /** Canonical path of the product, lot or unit that it is about. */
  readonly anchor: string;
  readonly linkType: OwnerLinkType;
  readonly href: string;
  readonly title: { readonly zh: string; readonly en?: string };
  /** Language of what is there, a BCP 47 tag; null in no language. */
  readonly language: string | null;
  /** Media type of what is there. */
  readonly mediaType: string;
  /** For whom it is meant, in words that the owner and its readers agree on, such as a country; null for all. */
  readonly context: string | null;
}

export interface LinkAsked {
  readonly linkType: OwnerLinkType;
  /** The media type that the reader likes best, of those offered; `null` when it can take none of them. */
  readonly mediaType: (offered: readonly string[]) => string | null;
  /** Language ranges, the best first (RFC 4647). */
  readonly languages: readonly string[];
  readonly context: string | null;
}

const prefixes = ['gs1:', vocabulary, 'https://gs1.org/voc/', 'https://www.gs1.org/voc/'] as const;

/** The name of a link type, as written in any of its spellings: `gs1:pip`, its address, or bare `pip`. */
export function linkTypeName(text: string): string {
  const prefix = prefixes.find((it) => text.startsWith(it)) ?? '';
  return text.slice(prefix.length);
}

export const isOwnerLinkType = (name: string): name is OwnerLinkType => Object.hasOwn(ownerLinkTypes, name);
export const isLedgerLinkType = (name: string): name is LedgerLinkType =>
  ledgerLinkTypes.some((it) => it === name);

/** The link that answers; the links are those of the thing and of all above it, in the order of their recording. */
export function chooseLink(links: readonly ResolverLink[], asked: LinkAsked): ResolverLink | null {
  const typed = links.filter(({ linkType }) => linkType === asked.linkType);
  const depth = Math.max(...typed.map(({ anchor }) => anchor.length));
  const nearest = typed.filter(({ anchor }) => anchor.length === depth);
  const meant = preferring(
    nearest,
    ({ context }) => context === asked.context,
    ({ context }) => context === null,
  );
  const taken = preferring(meant, ({ mediaType }) => asked.mediaType([mediaType]) !== null);
  const language = bestLanguage(taken, asked.languages);
  const readable = preferring(
    taken,
    (it) => it.language === language,
    (it) => it.language === null,
  );
  const best = asked.mediaType([...new Set(readable.map(({ mediaType }) => mediaType))]);
  const [link] = preferring(readable, ({ mediaType }) => mediaType === best);
  return link ?? null;
}

/** Those of the first condition that any meets; all where none is met. */
function preferring(
  links: readonly ResolverLink[],
  ...conditions: readonly ((link: ResolverLink) => boolean)[]
): readonly ResolverLink[] {
  for (const meets of conditions) {
    const some = links.filter(meets);
    if (some.length > 0) return some;
  }
  return links;
}

/** Lookup (RFC 4647 §3.4): each range is shortened from its end until a language begins with it. */
function bestLanguage(links: readonly ResolverLink[], ranges: readonly string[]): string | null {
  const offered = links.flatMap(({ language }) => language ?? []);
  for (const range of ranges) {
    for (
      let wanted = range.toLowerCase();
      wanted !== '';
      wanted = wanted.slice(0, Math.max(0, wanted.lastIndexOf('-')))
    ) {
      const found = offered.find((it) => `${it.toLowerCase()}-`.startsWith(`${wanted}-`));
      if (found !== undefined) return found;
    }
  }
  return null;
}

/** Links as the members of a link context object (RFC 9264 §4.2.2), by the address of their type. */
export function linksetMembers(links: readonly ResolverLink[]): { [type: string]: object[] } {
  const members: { [type: string]: object[] } = {};
  for (const { linkType, href, title, language, mediaType, context } of links) {
    const titles = [{ value: title.zh, language: 'zh-CN' }];
    if (title.en !== undefined) titles.push({ value: title.en, language: 'en' });
    const target = {
      href,
      type: mediaType,
      title: title.en ?? title.zh,
      'title*': titles,
      ...(language === null ? {} : { hreflang: [language] }),
      ...(context === null ? {} : { context: [context] }),
    };
    const name = `${vocabulary}${linkType}`;
    members[name] = [...(members[name] ?? []), target];
  }
  return members;
}
