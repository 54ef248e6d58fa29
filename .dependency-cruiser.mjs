/**
 * The directions of imports: lib < core/model < ports < core < github, http, cli < wiring < lambda (the entry points of
 * the functions). Adapters see lib, core/model and ports. Run by `npm run lint`.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Modules that import one another cannot be read, tested or moved on their own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    layer('lib', [], 'lib holds general tools without domain words.'),
    layer('core/model', ['lib'], 'The model is types and pure functions.'),
    layer('ports', ['lib', 'core/model'], 'Ports are interfaces over the model.'),
    layer('core', ['lib', 'ports'], 'The core knows the outside world by its ports only.'),
    layer('adapters', ['lib', 'core/model', 'ports'], 'Adapters know the model and the ports, not the core.'),
    layer('client', ['lib'], 'The client knows the REST API, but not the server.'),
    layer('github', ['lib', 'core', 'ports'], 'Only wiring hands adapters to the GitHub App.'),
    layer('http', ['lib', 'core', 'ports', 'github'], 'Only wiring hands adapters to routes.'),
    layer(
      'cli',
      ['lib', 'core/model', 'core/settings', 'core/results', 'ports', 'client'],
      'The CLI talks to the server over REST.',
    ),
    layer('dashboard', ['lib', 'core/model', 'client'], 'The page talks to the server over REST.'),
    {
      name: 'wiring-is-outermost',
      comment: 'Only the entry points of the functions import wiring.',
      severity: 'error',
      from: { path: '^app/(?!wiring/|lambda/)' },
      to: { path: '^app/(wiring|lambda)/' },
    },
    {
      name: 'functions-are-entry-points',
      comment: 'Nothing imports the functions of AWS.',
      severity: 'error',
      from: { path: '^app/(?!lambda/)' },
      to: { path: '^app/lambda/' },
    },
    {
      name: 'pure-inside',
      comment: 'The core imports no AWS, GitHub, HTTP or file-system API: that is behind ports.',
      severity: 'error',
      from: { path: '^app/(core|ports|lib)/' },
      to: {
        path: '^(node:)?(fs|fs/promises|http|https|net|child_process)$|node_modules/(@aws-sdk|@octokit|probot|hono|@hono|dockerode)/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Its swc parser reads no JSX; Biome's noImportCycles covers those files.
    exclude: { path: '(^|/)dist/|\\.tsx$' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] },
  },
};

/** Files below `app/<from>` may import `app/<from>` and the folders in `allowed`, and nothing else of `app`. */
function layer(from, allowed, comment) {
  return {
    name: `${from.replace('/', '-')}-imports`,
    comment,
    severity: 'error',
    from: { path: `^app/${from}/` },
    to: { path: '^app/', pathNot: `^app/(${[from, ...allowed].join('|')})/` },
  };
}
