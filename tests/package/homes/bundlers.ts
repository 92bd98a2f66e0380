/** Bundlers as people call them; each makes one file out of an app. */
import { join } from 'node:path';
import { type Home, tool } from './home.ts';

export interface BundleOptions {
  /** offstage stays outside of the bundle, as the documentation says how. */
  external?: boolean;
  minify?: boolean;
}

export interface Bundler {
  name: string;
  /** The file that it makes out of `app.mjs`; what it imports it finds in the folder's `node_modules`. */
  bundle(home: Home, options?: BundleOptions): string;
}

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
    bundle(home, { external = false, minify = false } = {}) {
      const out = `out/app.${format === 'esm' ? 'mjs' : 'cjs'}`;
      const options = {
        entryPoints: ['app.mjs'],
        bundle: true,
        platform: 'node',
        format,
        minify,
        outfile: out,
        logLevel: 'warning',
        ...(external ? { external: ['offstage'] } : {}),
      };
      const main = tool(['esbuild@0.28'], 'esbuild/lib/main.js');
      return built(home, out, `import { build } from ${js(main)};\nawait build(${js(options)});\n`);
    },
  };
}

function webpack(format: 'esm' | 'cjs'): Bundler {
  return {
    name: `webpack, ${format}`,
    bundle(home, { external = false, minify = false } = {}) {
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
        ...(external ? { externals: { offstage: 'import offstage' } } : {}),
      };
      const main = tool(['webpack@5'], 'webpack/lib/index.js');
      const script = `import webpack from ${js(main)};
webpack(${js(options)}, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString('errors-warnings'));
});
`;
      return built(home, out, script);
    },
  };
}

const vite: Bundler = {
  name: 'Vite',
  bundle(home, { external = false, minify = false } = {}) {
    const options = {
      root: home.folder,
      logLevel: 'warn',
      build: { ssr: 'app.mjs', outDir: 'out', minify, emptyOutDir: true },
      ssr: external ? { noExternal: true, external: ['offstage'] } : { noExternal: true },
    };
    const main = tool(['vite@8'], 'vite/dist/node/index.js');
    return built(
      home,
      'out/app.mjs',
      `import { build } from ${js(main)};\nawait build(${js({ configFile: false, ...options })});\n`,
    );
  },
};

export const BUNDLERS: readonly Bundler[] = [esbuild('esm'), esbuild('cjs'), webpack('esm'), webpack('cjs'), vite];
