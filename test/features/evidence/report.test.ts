/** The report for people that goes with a file of evidence. */
import { hash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import t from 'tap';
import { checkEvidence } from '../../../src/core/evidence/evidence-check.ts';
import { reportOf } from '../../../src/core/evidence/evidence-report.ts';
import { evidenceWorld, here } from '../../support/evidence-world.ts';
import { readPdf, textsOf } from '../../support/pdf.ts';
import { testService } from '../../support/service.ts';
import { gtin, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const world = await evidenceWorld(service);
const { regulator, user, path, units } = world;
await service.deps.heads.publish();

/** The file that is attached to a PDF. */
function attachedTo(pdf: Buffer): string {
  const text = pdf.toString('latin1');
  const at = text.indexOf('/Type /EmbeddedFile');
  const start = text.indexOf('stream\n', at) + 7;
  const length = Number(/\/Length (\d+)/.exec(text.slice(at, start))?.[1]);
  return inflateSync(pdf.subarray(start, start + length)).toString('utf8');
}

/** Everything that is written on it. */
function wordsOf(pdf: Buffer): string {
  const sheet = readPdf(pdf);
  return sheet.pages
    .map((_, page) =>
      textsOf(sheet, page)
        .map(({ text }) => text)
        .join('\n'),
    )
    .join('\n');
}

const plain = (text: string): string => text.replaceAll(/\s/g, '');

t.test('every claim by its number, in both languages, with the file attached', async (t) => {
  for (const [lang, words] of [
    ['zh-CN', ['溯源证据报告', '流向', '已证实', '疑点', '未证实', '如何核验']],
    ['en', ['Traceability evidence report', 'Flow', 'Proven', 'Findings', 'Not proven', 'How to check it']],
  ] as const) {
    const got = await world.get(regulator, path, { accept: 'application/pdf', 'accept-language': lang });
    t.match(got, {
      status: 200,
      headers: {
        'content-type': 'application/pdf',
        'content-language': lang,
        'content-disposition': `attachment; filename="evidence-${gtin}-A003.pdf"`,
        'cache-control': 'private, no-store',
      },
    });
    const file = attachedTo(got.bytes);
    const checked = await checkEvidence(file, here);
    if (!checked.ok) throw new Error(JSON.stringify(checked.flaws));
    const written = plain(wordsOf(got.bytes));
    t.ok(written.includes(hash('sha256', file, 'hex')), `${lang}: it names the file by its hash`);
    for (const word of words) t.ok(written.includes(plain(word)), word);
    const { proven, findings, unproven } = reportOf(checked.value);
    const missing = [...proven, ...findings, ...unproven].filter(
      ({ zh, en }) => !written.includes(plain(lang === 'en' ? en : zh)),
    );
    t.strictSame(missing, [], `${lang}: all that checking says`);
    for (const name of ['沪安消防器材厂', '浦江消防贸易有限公司', '静安消防商店', '长宁大酒店'])
      t.ok(written.includes(name), name);
    const sheet = readPdf(got.bytes);
    for (const [i, [wide = 0]] of sheet.pages.entries())
      t.strictSame(
        textsOf(sheet, i).filter(({ x, right }) => x < 50 || right > wide - 49),
        [],
        `${lang}: no line leaves page ${i + 1}`,
      );
  }
});

t.test('a report tells no more than its reader may see', async (t) => {
  const got = await world.get(user, `${path}?format=pdf&lang=en&others=withhold`, { accept: '*/*' });
  t.equal(got.headers['content-type'], 'application/pdf');
  t.notMatch(wordsOf(got.bytes), /浦江|DN-88|张三/);
  t.match(wordsOf(got.bytes), /not shown/, 'what it may not see is drawn as that');
  t.match(await world.get(user, path, { accept: 'image/png' }), { status: 406 });
  t.match(await world.get(user, `${path}?format=csv`), { status: 400 });
});

t.test('a report about many things', async (t) => {
  const answer = await service.app.inject({
    method: 'POST',
    url: '/v1/evidence?format=pdf&lang=en',
    headers: { authorization: regulator.bearer },
    payload: { epcs: [...units, unit('NONE')] },
  });
  t.equal(answer.headers['content-disposition'], 'attachment; filename="evidence-7.pdf"');
  const written = plain(wordsOf(answer.rawPayload));
  t.ok(written.includes(plain(`names ${unit('NONE')}: before`)));
  const many = Array.from({ length: 101 }, (_, i) => unit(`N${i}`));
  const refused = await service.app.inject({
    method: 'POST',
    url: '/v1/evidence?format=pdf',
    headers: { authorization: regulator.bearer },
    payload: { epcs: many },
  });
  t.match(refused.json(), { code: 'too-many-epcs', detail: /about 100 things at most/ });
  t.match(JSON.parse(attachedTo(answer.rawPayload)).about, [...units, unit('NONE')].sort());
});
