/** The pages by which people report: where, what, and how it went. They work without script. */

import { readFileSync } from 'node:fs';
import { Value } from '@sinclair/typebox/value';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { wholeCountry } from '../../core/region.ts';
import { parseReceiptCode, reportCategories } from '../../core/report.ts';
import { Refusal } from '../../errors.ts';
import { publicLimit, reportLimit } from '../../http/rate-limit.ts';
import {
  type ReportFields,
  renderPlacesPage,
  renderReportPage,
  reportFields,
} from '../../web/report-form.ts';
import { renderReceiptPage } from '../../web/report-receipt.ts';
import { formSecurityPolicy } from '../../web/style.ts';
import type { Lang } from '../../web/words.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Policies } from '../policies/policies.ts';
import type { LoadNames } from '../tracing/names.ts';
import { languageOf, problemAnswer, sendPage } from '../verification/pages.ts';
import { photosMax } from './photos.ts';
import { authorityKeys } from './queries.ts';
import { ReportBodySchema } from './schemas.ts';
import { followReport, type Intake, receiveReport } from './service.ts';

/** Plain script for browsers, short enough to stand in the page. */
const scriptOf = (name: string): string =>
  readFileSync(new URL(import.meta.resolve(`#root/src/web/browser/${name}.js`)), 'utf8');
const [sealing, sending] = [scriptOf('seal-identity'), scriptOf('send-photos')];
/** Keys that one page offers. */
const keysMax = 30;

/** Bytes of a form, whose longest text is 4,000 characters of at most nine bytes each. */
const formBytesMax = 64 * 1024;
const hide = true;
const provinceShape = /^[0-9]{2}$/;

export function reportPages(app: FastifyInstance, deps: FeatureDeps & Intake, names: LoadNames): void {
  const { policies } = deps;
  const options = {
    schema: { hide },
    config: publicLimit(deps),
    errorHandler: problemAnswer(deps.publicUrl),
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytesMax },
    async (_request: unknown, body: string | Buffer) => new URLSearchParams(body.toString()),
  );

  app.get('/report', options, async (request, reply) => {
    const query = new URLSearchParams(request.url.split('?')[1]);
    const code = (query.get('code') ?? '').slice(0, 200);
    const province = query.get('province') ?? '';
    const language = languageOf(request);
    const known = provinceShape.test(province) && policies.isRegion(`${province}0000`);
    reply.header('cache-control', 'public, max-age=300');
    if (known) return sendForm(reply, language, province, { ...empty, code });
    const places = renderPlacesPage({ code, provinces: provincesOf(policies) }, language);
    return sendPage(reply, language, places, formSecurityPolicy);
  });

  app.post('/report', { ...options, config: reportLimit(deps) }, async (request, reply) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const values = valuesOf(form);
    const body = bodyOf(values);
    const language = languageOf(request);
    reply.header('cache-control', 'no-store');
    const wrong = wrongFields(body);
    if (policies.isRegion(values.region) && wrong.length === 0 && Value.Check(ReportBodySchema, body)) {
      const { receipt } = await receiveReport(deps, body, request.ip);
      return reply.redirect(`/report/${receipt}?lang=${language}`, 303);
    }
    reply.code(400);
    const province = values.region.slice(0, 2);
    if (!policies.isRegion(`${province}0000`))
      return sendPage(
        reply,
        language,
        renderPlacesPage({ code: values.code, provinces: provincesOf(policies) }, language),
        formSecurityPolicy,
      );
    return sendForm(reply, language, province, values, wrong);
  });

  app.get('/report/follow', options, async (request, reply) => {
    const language = languageOf(request);
    const receipt = parseReceiptCode(new URLSearchParams(request.url.split('?')[1]).get('receipt') ?? '');
    if (!receipt.ok) throw new Refusal('not-found', receipt.detail);
    return reply.redirect(`/report/${receipt.value}?lang=${language}`, 303);
  });

  app.get<{ Params: { receipt: string } }>('/report/:receipt', options, async (request, reply) => {
    const language = languageOf(request);
    const { receipt } = request.params;
    const report = await followReport(deps, names, receipt);
    reply.header('cache-control', 'no-store');
    const region = policies.regionName(report.region);
    const photosLeft = report.state === 'closed' ? 0 : photosMax - report.photos;
    const { page, policy } = renderReceiptPage({ ...report, receipt, region, photosLeft }, sending, language);
    return sendPage(reply, language, page, policy);
  });

  /** The form of a province of two digits, with the keys of the authorities that are in charge there. */
  async function sendForm(
    reply: FastifyReply,
    language: Lang,
    province: string,
    values: ReportFields,
    wrong: readonly (keyof ReportFields)[] = [],
  ): Promise<FastifyReply> {
    const all = await authorityKeys(deps.reads.sql);
    const keys = all.filter(({ regions }) =>
      regions.some((it) => it.startsWith(province) || it === wholeCountry),
    );
    const view = { ...regionsWithin(policies, province), values, wrong, keys: keys.slice(0, keysMax) };
    const { page, policy } = renderReportPage(view, sealing, language);
    return sendPage(reply, language, page, policy);
  }
}

const empty: ReportFields = {
  category: '',
  text: '',
  region: '',
  place: '',
  code: '',
  contact: '',
  sealed: '',
};

const valuesOf = (form: URLSearchParams): ReportFields => {
  const value = (name: keyof ReportFields): string => (form.get(name) ?? '').replaceAll('\0', '').trim();
  return {
    category: value('category'),
    text: value('text'),
    region: value('region'),
    place: value('place'),
    code: value('code'),
    contact: value('contact'),
    sealed: value('sealed'),
  };
};

/** Without the fields that were left empty. */
const bodyOf = (values: ReportFields): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

const wrongFields = (body: Readonly<Record<string, string>>): (keyof ReportFields)[] => {
  const wrong = new Set([...Value.Errors(ReportBodySchema, body)].map(({ path }) => path.slice(1)));
  // TypeBox passes over the keyword enum.
  if (!reportCategories.some((it) => it === body.category)) wrong.add('category');
  return reportFields.filter((name) => wrong.has(name));
};

const provincesOf = ({ regions, regionName }: Policies) =>
  Object.keys(regions.zh)
    .filter((code) => code.endsWith('0000') && code !== '000000')
    .sort()
    .map((code) => ({ code: code.slice(0, 2), name: regionName(code) }));

/** `330101 市辖区`: all districts of a city together, which is no place that anybody knows. */
const districtsTogether = '市辖区';

/** A province with its districts, by prefecture; one without districts stands for itself. */
function regionsWithin({ regions: { zh, en }, regionName }: Policies, province: string) {
  const groups = new Map<string, { code: string; name: string }[]>();
  const codes = Object.keys(zh)
    .filter((code) => code.startsWith(province) && !code.endsWith('0000'))
    .sort();
  for (const code of codes) {
    const prefecture = code.slice(0, 4);
    const group = groups.get(prefecture) ?? [];
    groups.set(prefecture, group);
    group.push({ code, name: zh[code] ?? code });
  }
  const whole = regionName(`${province}0000`);
  return {
    province: { code: `${province}0000`, name: whole },
    groups: [...groups].map(([prefecture, group]) => {
      const districts = group.filter(({ code, name }) => !code.endsWith('00') && name !== districtsTogether);
      const code = `${prefecture}00`;
      const name = zh[code];
      if (name === undefined) return { name: null, regions: districts, whole: null };
      // What exists on paper only bears the name of its province.
      const real = regionName(code).zh !== whole.zh;
      const named = { zh: real ? name : '直辖县市', en: en[prefecture] ?? whole.en };
      return districts.length === 0
        ? { name: named, regions: group, whole: null }
        : { name: named, regions: districts, whole: real ? code : null };
    }),
  };
}
