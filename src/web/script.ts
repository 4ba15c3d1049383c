/** Script of ours that stands in a page, allowed by its hash as the style is (CSP level 3 §2.3.1). */
import { createHash } from 'node:crypto';
import { Markup } from './html.ts';

/** The element with the script. */
export function scriptElement(script: string): Markup {
  if (/<\/script/i.test(script)) throw new Error('the script would end early');
  return Markup.trusted(`<script type="module">${script}</script>`);
}

/** A policy that also allows this script. */
export const allowingScript = (policy: string, script: string): string =>
  `${policy}; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`;
