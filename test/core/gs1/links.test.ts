import fc from 'fast-check';
import t from 'tap';
import { chooseLink, type LinkAsked, linkTypeName, type ResolverLink } from '../../../src/core/gs1/links.ts';
import { preferredType } from '../../../src/http/negotiation.ts';

const product = '01/06901234567892';
const unit = `${product}/21/A7`;
const link = (href: string, more: Partial<ResolverLink> = {}): ResolverLink => ({
  ...{ anchor: product, linkType: 'instructions', href, title: { zh: href } },
  ...{ language: null, mediaType: 'text/html', context: null },
  ...more,
});
const asked = (
  languages: readonly string[] = [],
  accept = '*/*',
  context: string | null = null,
): LinkAsked => ({
  ...{ linkType: 'instructions', languages, context },
  mediaType: (offered) => preferredType(accept, offered),
});
const browser = asked(['zh-CN', 'en'], 'text/html,application/xhtml+xml,*/*;q=0.8');
const manuals = [
  link('zh', { language: 'zh-CN' }),
  link('en', { language: 'en' }),
  link('en-US', { language: 'en-US' }),
  link('any'),
  link('pdf', { language: 'en', mediaType: 'application/pdf' }),
  link('other', { linkType: 'pip' }),
];

t.test('the link that answers', async (t) => {
  const table: readonly (readonly [string | undefined, readonly ResolverLink[], LinkAsked])[] = [
    ['en', manuals, asked(['en-GB', 'zh'])],
    ['en-US', manuals, asked(['en-US'])],
    ['zh', manuals, asked(['zh-Hant-TW'])],
    ['zh', manuals, asked(['fr', 'ZH'])],
    ['any', manuals, asked(['fr'])],
    ['any', manuals, asked()],
    ['pdf', manuals, asked(['en'], 'application/pdf')],
    ['en', manuals, asked(['en'], 'image/png')],
    ['en', [link('pdf', { language: 'zh', mediaType: 'application/pdf' }), ...manuals], asked(['en'])],
    ['zh', [link('zh', { language: 'zh', mediaType: 'application/pdf' }), ...manuals.slice(1)], browser],
    ['png', [link('png', { mediaType: 'image/png' }), link('html')], asked([], 'image/png, */*;q=0.1')],
    ['html', [link('png', { mediaType: 'image/png' }), link('html')], asked([], 'text/html, */*;q=0.1')],
    ['unit', [...manuals, link('unit', { anchor: unit })], asked(['en'])],
    ['cn', [...manuals, link('cn', { context: 'CN' })], asked(['en'], '*/*', 'CN')],
    ['en', [...manuals, link('cn', { context: 'CN', language: 'en' })], asked(['en'])],
    ['zh', manuals.slice(0, 2), asked(['fr'])],
    [undefined, [link('x', { linkType: 'pip' })], asked()],
    [undefined, [], asked()],
  ];
  t.strictSame(
    table.map(([, links, wanted]) => chooseLink(links, wanted)?.href),
    table.map(([href]) => href),
  );
});

t.test('any spelling of a type, and any languages, are answered', async (t) => {
  t.strictSame(
    [
      'gs1:pip',
      'pip',
      'https://ref.gs1.org/voc/pip',
      'https://gs1.org/voc/pip',
      'https://www.gs1.org/voc/pip',
    ].map(linkTypeName),
    Array(5).fill('pip'),
  );
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 20 })), (languages) => {
      const found = chooseLink(manuals, asked(languages));
      return found !== null && found.linkType === 'instructions';
    }),
  );
});
