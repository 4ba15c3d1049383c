/**
 * GraphML (graphml.graphdrawing.org, 1.0), as Gephi, yEd, Cytoscape and NetworkX read it: one directed graph whose nodes
 * and edges have named attributes. An attribute that is null is left out.
 *
 *   graphml({ nodes: [{ id: 'a', name: 'A' }], edges: [] })  →  … <node id="a"><data key="n-name">A</data></node> …
 */
import { html, type Markup } from '../web/html.ts';

export type Attribute = string | number | boolean | null;
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Graph {
  /** Every node has an `id`; all have the same attributes. */
  readonly nodes: readonly ({ readonly id: string } & Attributes)[];
  /** Every edge has a `from` and a `to`; all have the same attributes. */
  readonly edges: readonly ({ readonly from: string; readonly to: string } & Attributes)[];
}

export function graphml({ nodes, edges }: Graph): string {
  return html`<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
${keysOf('node', nodes, ['id'])}${keysOf('edge', edges, ['from', 'to'])}<graph id="G" edgedefault="directed">
${nodes.map(({ id, ...data }) => html`<node id="${id}">${dataOf('n', data)}</node>\n`)}${edges.map(
  ({ from, to, ...data }, i) =>
    html`<edge id="e${i}" source="${from}" target="${to}">${dataOf('e', data)}</edge>\n`,
)}</graph>
</graphml>
`.text;
}

function keysOf(of: 'node' | 'edge', rows: readonly Attributes[], structural: readonly string[]): Markup[] {
  const types = new Map<string, string>();
  for (const row of rows)
    for (const [name, value] of Object.entries(row))
      if (!structural.includes(name) && value !== null) types.set(name, typeOf(value));
  return [...types].map(
    ([name, type]) =>
      html`<key id="${of[0] ?? ''}-${name}" for="${of}" attr.name="${name}" attr.type="${type}"/>\n`,
  );
}

const typeOf = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? 'boolean' : typeof value === 'number' ? 'double' : 'string';

const dataOf = (prefix: string, data: Attributes): Markup[] =>
  Object.entries(data).flatMap(([name, value]) =>
    value === null ? [] : [html`<data key="${prefix}-${name}">${String(value)}</data>`],
  );
