/** Drawings beside the words, so that no verdict is told by colour alone. Inline, since the pages load nothing. */
import type { Verdict } from '../core/codes/verdict-words.ts';
import { html, type Markup } from './html.ts';

const drawing = (inside: Markup): Markup =>
  html`<svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${inside}</svg>`;

/** Six shapes that differ in outline, not only in what is inside. */
export const verdictIcons: Readonly<Record<Verdict, Markup>> = {
  // a cross in a circle
  forged: drawing(html`<circle cx="24" cy="24" r="20"/><path d="M16 16l16 16M32 16L16 32"/>`),
  // a lens with a question mark
  unknown: drawing(
    html`<circle cx="20" cy="20" r="16"/><path d="M32 32l12 12M15 16a5 5 0 1 1 7 4.600c-1.500.7-2 1.600-2 3.400M20 29v.1"/>`,
  ),
  // a stop octagon with a bar
  blocked: drawing(html`<path d="M16 4h16l12 12v16L32 44H16L4 32V16zM14 24h20"/>`),
  // a label struck out
  retired: drawing(html`<path d="M6 10h24l14 14-14 14H6zM16 18l12 12M28 18L16 30"/>`),
  // a warning triangle
  conflicted: drawing(html`<path d="M24 5L45 42H3zM24 18v11M24 35v.1"/>`),
  // a record with a tick: the paper agrees, which is all it says
  consistent: drawing(html`<path d="M10 4h20l8 8v32H10zM17 26l6 6 10-12"/>`),
};

export const phoneIcon = drawing(
  html`<path d="M9 6h8l4 10-5 4a24 24 0 0 0 12 12l4-5 10 4v8c0 2-2 4-4 4C20 43 5 28 5 10c0-2 2-4 4-4z"/>`,
);
