/** Bundlers as people call them; each makes one file out of an app. */
import { join } from 'node:path';
import { examplesOf } from '../examples.ts';
import { type Home, tool } from './home.ts';

export interface BundleOptions {
  minify?: boolean;
}

export interface Bundler {
  name: string;
  /** The file that it makes out of `app.mjs`; what it imports it finds in the folder's `node_modules`. */
  bundle(home: Home, options?: BundleOptions): string;
  /** The same with offstage outside of it, as docs/BUNDLING.md has it, word for word. */
  documented(home: Home): string;
}

const documented = examplesOf('docs/BUNDLING.md');

/** Runs a script that has the bundler at hand; what it prints is no error. */
function built(home: Home, out: string, script: string): string {
  home.write({ 'build.mjs': script });
  home.must('node', ['build.mjs']);
  return out;
}

const js = (value: unknown): string => JSON.stringify(value);

function esbuild(format: 'esm' | 'cjs'): Bundler {
  return {
    name: `esbuild, ${format}`,
    bundle(home, { minify = false } = {}) {
      const out = `out/app.${format === 'esm' ? 'mjs' : 'cjs'}`;
      const options = {
        entryPoints: ['app.mjs'],
        bundle: true,
        platform: 'node',
        format,
        minify,
        outfile: out,
        logLevel: 'warning',
      };
      const main = tool(['esbuild@0.28'], 'esbuild/lib/main.js');
      return built(home, out, `import { build } from ${js(main)};\nawait build(${js(options)});\n`);
    },
    documented(home) {
      const bin = tool(['esbuild@0.28'], 'esbuild/bin');
      const line = `PATH="${bin}:$PATH"; ${documented.get('esbuild')}`;
      home.must('sh', ['-ec', format === 'esm' ? line : line.replace('esm', 'cjs').replace('app.mjs\n', 'app.cjs\n')]);
      return `out/app.${format === 'esm' ? 'mjs' : 'cjs'}`;
    },
  };
}

const WEBPACKED = `(error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString('errors-warnings'));
}`;

function webpack(format: 'esm' | 'cjs'): Bundler {
  return {
    name: `webpack, ${format}`,
    bundle(home, { minify = false } = {}) {
      const out = `out/app.${format === 'esm' ? 'mjs' : 'cjs'}`;
      const options = {
        mode: 'production',
        target: 'node20',
        context: home.folder,
        entry: './app.mjs',
        experiments: { outputModule: format === 'esm' },
        output: {
          path: join(home.folder, 'out'),
          filename: out.slice('out/'.length),
          ...(format === 'esm' ? { module: true, chunkFormat: 'module' } : {}),
        },
        optimization: { minimize: minify, splitChunks: false },
      };
      const main = tool(['webpack@5'], 'webpack/lib/index.js');
      return built(home, out, `import webpack from ${js(main)};\nwebpack(${js(options)}, ${WEBPACKED});\n`);
    },
    documented(home) {
      const main = tool(['webpack@5'], 'webpack/lib/index.js');
      home.write({ 'webpack.config.mjs': documented.get('webpack') ?? '' });
      const esm = `import webpack from ${js(main)};\nimport config from './webpack.config.mjs';\n`;
      if (format === 'esm') return built(home, 'out/app.mjs', `${esm}webpack(config, ${WEBPACKED});\n`);
      const config = "{ ...config, experiments: {}, output: { path: config.output.path, filename: 'app.cjs' } }";
      return built(home, 'out/app.cjs', `${esm}webpack(${config}, ${WEBPACKED});\n`);
    },
  };
}

const vite: Bundler = {
  name: 'Vite',
  bundle(home, { minify = false } = {}) {
    const options = {
      root: home.folder,
      logLevel: 'warn',
      build: { ssr: 'app.mjs', outDir: 'out', minify, emptyOutDir: true },
      ssr: { noExternal: true },
    };
    const main = tool(['vite@8'], 'vite/dist/node/index.js');
    return built(
      home,
      'out/app.js',
      `import { build } from ${js(main)};\nawait build(${js({ configFile: false, ...options })});\n`,
    );
  },
  documented(home) {
    const main = tool(['vite@8'], 'vite/dist/node/index.js');
    home.write({ 'vite.config.mjs': documented.get('vite') ?? '' });
    const options = { root: home.folder, logLevel: 'warn' };
    return built(home, 'out/app.js', `import { build } from ${js(main)};\nawait build(${js(options)});\n`);
  },
};

export const BUNDLERS: readonly Bundler[] = [esbuild('esm'), esbuild('cjs'), webpack('esm'), webpack('cjs'), vite];
