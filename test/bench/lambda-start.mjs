/**
 * Measures the time of the HTTP function from the start of a node process to its first response, and its size, next to a
 * bare Probot Lambda: Probot with its own adapter, bundled by `esbuild --minify` and with Berth's options,
 * with a handler that does nothing.
 * `node test/bench/lambda-start.mjs [rounds]`, which fetches the adapter from npm and builds `dist/lambda`.
 *
 * Secrets Manager is a server on loopback here, which responds immediately. Nothing else is called before the response.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundling } from '../../scripts/bundling.mjs';
import { zip } from '../../scripts/zip.mjs';

const rounds = Number(process.argv[2] ?? 15);
const directory = join(process.cwd(), '.cache', 'bench', 'lambda-start');
const adapter = '@probot/adapter-aws-lambda-serverless@4.0.3';
const webhookSecret = 'a-secret-of-this-benchmark';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

async function bareProbot() {
  const to = join(directory, 'probot');
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const options = ['--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', ['install', ...options, adapter], { cwd: to, stdio: 'ignore' });
  writeFileSync(
    join(to, 'entry.js'),
    `import adapter from '@probot/adapter-aws-lambda-serverless';
const { createLambdaFunction, createProbot } = adapter;
export const handler = createLambdaFunction((app) => { app.on('push', async () => {}); }, { probot: createProbot() });\n`,
  );
  const bundle = async (name, options) => {
    const outfile = join(to, name, 'index.mjs');
    // Nothing is left out of it but what tree shaking removes.
    await build({ ...bundling, ...options, plugins: [], entryPoints: [join(to, 'entry.js')], outfile });
    return outfile;
  };
  return {
    minified: await bundle('minified', { minify: true }),
    sameOptions: await bundle('same-options', {}),
  };
}

/** An event that both answer and neither does anything about, as API Gateway hands it over. */
function webhook() {
  const body = JSON.stringify({ action: 'created', check_run: { id: 1 } });
  const signature = `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`;
  return {
    ...get('/api/github/webhooks'),
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-delivery': '0b0c0d',
      'x-github-event': 'check_run',
      'x-hub-signature-256': signature,
    },
    requestContext: { domainName: 'x.example', http: { method: 'POST', path: '/api/github/webhooks' } },
  };
}

function get(path) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: {},
    requestContext: { domainName: 'x.example', http: { method: 'GET', path } },
    isBase64Encoded: false,
  };
}

/** Loads the code of a function and invokes it, like Lambda. Prints the time since the start. */
const harness = `
const [file, event, expected] = process.argv.slice(2);
const { handler } = await import(file);
const { statusCode, body } = await handler(JSON.parse(event), {});
const milliseconds = performance.now();
if (statusCode !== Number(expected)) throw new Error(statusCode + ' ' + body);
process.stdout.write(String(milliseconds), () => process.exit(0));
`;

/** Runs asynchronously, because this process is also the server of secrets. */
function start(file, env, event, expected) {
  return new Promise((resolve, reject) => {
    const args = [join(directory, 'harness.mjs'), file, JSON.stringify(event), String(expected)];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.on('close', (code) => {
      // A logger may have written before.
      const milliseconds = Number(/[\d.]+$/.exec(out)?.[0]);
      if (code === 0 && milliseconds > 0) resolve(milliseconds);
      else reject(new Error(`${file} ended with ${code}: ${out}`));
    });
  });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function kilobytes(path) {
  const bytes = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
    : statSync(path).size;
  return (bytes / 1000).toFixed(0);
}

mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'harness.mjs'), harness);
const empty = join(directory, 'empty.mjs');
writeFileSync(empty, "export const handler = async () => ({ statusCode: 200, body: '' });\n");
const probot = await bareProbot();
execFileSync(process.execPath, ['scripts/build-lambda.mjs'], { stdio: 'ignore' });
const berth = join(process.cwd(), 'dist', 'lambda', 'http.mjs');

const secrets = createServer((_request, response) => {
  const SecretString = JSON.stringify({ appId: 1, privateKey, webhookSecret });
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  response.end(JSON.stringify({ ARN: 'arn', Name: 'berth/github-app', SecretString }));
});
await new Promise((resolve) => secrets.listen(0, '127.0.0.1', resolve));
const endpoint = `http://127.0.0.1:${secrets.address().port}`;

const common = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  NODE_ENV: 'production',
};
const ofBerth = {
  ...common,
  AWS_ENDPOINT_URL: endpoint,
  BERTH_PUBLIC_URL: 'https://berth.example',
  BERTH_TABLE: 'berth',
  BERTH_BUCKET: 'berth',
  BERTH_QUEUE_URL: `${endpoint}/1/berth`,
  BERTH_LOG_LEVEL: 'error',
  ECS_CLUSTER_NAME: 'berth',
  ECS_TASK_DEFINITION_ARN: 'berth-runner',
  CONTAINER_NAME: 'runner',
  BERTH_UNTRUSTED_TASK_ROLE_ARN: 'arn:aws:iam::123456789012:role/berth-nobody',
};
const withApp = { ...ofBerth, BERTH_GITHUB_SECRET: 'secretsmanager:berth/github-app' };
const ofProbot = {
  ...common,
  APP_ID: '1',
  PRIVATE_KEY: privateKey,
  WEBHOOK_SECRET: webhookSecret,
  LOG_LEVEL: 'error',
};
const cases = {
  'node only': [empty, common, {}, 200],
  'bare Probot Lambda, minified: a webhook': [probot.minified, ofProbot, webhook(), 200],
  "bare Probot Lambda, Berth's options: a webhook": [probot.sameOptions, ofProbot, webhook(), 200],
  'Berth: a webhook': [berth, withApp, webhook(), 202],
  'Berth: a page of the dashboard': [berth, withApp, get('/'), 200],
  'Berth without GitHub: the API': [berth, ofBerth, get('/healthz'), 200],
};
const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
// In turn, so that whatever else the machine does is shared among them.
for (let round = 0; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(cases)) times[name].push(await start(...args));
}
secrets.close();

const zips = { [berth]: 'dist/lambda.zip' };
for (const [name, file] of Object.entries(probot)) {
  zips[file] = join(directory, `${name}.zip`);
  writeFileSync(zips[file], zip([{ name: 'index.mjs', bytes: readFileSync(file) }]));
}
const zipped = (path) => (path in zips ? kilobytes(zips[path]) : '');
console.log(`Node ${process.versions.node}, ${rounds} starts each, in turn\n`);
console.log(
  '| | to the first answer, median (ms) | fastest (ms) | on disk (kB) | zip (kB) |\n|---|---:|---:|---:|---:|',
);
for (const [name, [file]] of Object.entries(cases)) {
  const size = kilobytes(file === berth ? 'dist/lambda' : file);
  console.log(
    `| ${name} | ${median(times[name]).toFixed(0)} | ${Math.min(...times[name]).toFixed(0)} | ${size} | ${zipped(file)} |`,
  );
}
