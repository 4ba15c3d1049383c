/**
 * What went wrong, in XML: the elements that the schema of EPCIS 2.0 has for problem documents (RFC 7807). What is ours in
 * them stands in our own namespace, behind what is the standard's.
 *
 *   <epcis:EPCISException xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:suyuan="https://id.example.cn/ns/">
 *     <type>epcisException:ValidationException</type><title>…</title><status>400</status><detail>…</detail>
 *     <instance>urn:uuid:…</instance><suyuan:code>invalid-time</suyuan:code>
 *     <suyuan:error pointer="/eventTime" code="invalid-time">…</suyuan:error></epcis:EPCISException>
 */
import { namespace } from '../../core/events/epcis.ts';
import { xmlText, xmlValue } from '../../core/text/xml-text.ts';
import type { Problem } from '../../http/problems.ts';
import type { CaptureJobAnswer } from './schemas.ts';

const element = (name: string, text: string): string => `<${name}>${xmlText(text)}</${name}>`;

function content({ type, title, status, detail, instance, code, errors = [] }: Problem): string {
  const said = { type, title, status: String(status), detail, instance };
  return [
    ...Object.entries(said).map(([name, text]) => element(name, text)),
    ...(code === undefined ? [] : [element('suyuan:code', code)]),
    ...errors.map(({ pointer = '', code, detail }) => {
      const attributes = `pointer="${xmlValue(pointer)}" code="${xmlValue(code)}"`;
      return `<suyuan:error ${attributes}>${xmlText(detail)}</suyuan:error>`;
    }),
  ].join('');
}

const document = (host: string, name: string, attributes: string, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<epcis:${name} xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:suyuan="${xmlValue(namespace(host))}"${attributes}>${inner}</epcis:${name}>
`;

export const problemXml = (problem: Problem, host: string): string =>
  document(host, 'EPCISException', '', content(problem));

/** A capture job (EPCISCaptureJob of the schema). */
export function jobXml(job: CaptureJobAnswer, host: string): string {
  const { running, success, captureID, captureErrorBehaviour, createdAt, finishedAt, errors } = job;
  const count = job['suyuan:errorCount'];
  const attributes = ` running="${running}" success="${success}" captureID="${xmlValue(captureID)}"`;
  const inner = [
    element('captureErrorBehaviour', captureErrorBehaviour),
    element('createdAt', createdAt),
    ...(finishedAt === undefined ? [] : [element('finishedAt', finishedAt)]),
    ...(errors.length === 0
      ? []
      : [`<errors>${errors.map((it) => `<error>${content(it)}</error>`).join('')}</errors>`]),
    element('suyuan:errorCount', String(count)),
  ];
  return document(host, 'EPCISCaptureJob', attributes, inner.join(''));
}
