// Parts a module: functions that hardly any look at a task calls become a module of their own, so that they can be in another file.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** How the module is called that holds what was parted from another one. */
const BEHIND = '?seldom';

export const isParted = (id) => id.endsWith(BEHIND);

/** `names`: of functions by the path of their module; `pathOf`: the path of a module's id; `tools`: where TypeScript is. */
export function split(tools, names, pathOf) {
  const ts = createRequire(join(resolve(tools), 'package.json'))('typescript');
  const parted = new Map();

  /** The name of a function that stands alone, or of a constant that is one. */
  function functionOf(statement) {
    if (ts.isFunctionDeclaration(statement)) return statement.name?.text;
    if (!ts.isVariableStatement(statement) || statement.declarationList.declarations.length !== 1) return undefined;
    const [{ name, initializer }] = statement.declarationList.declarations;
    const isFunction = initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
    return isFunction && statement.declarationList.flags & ts.NodeFlags.Const ? name.text : undefined;
  }

  const isExported = (statement) =>
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

  /** What a statement declares in the module. */
  function declaredIn(statement) {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
    }
    const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
    return isNamed && statement.name ? [statement.name.text] : [];
  }

  /** Every name in a statement; more than it uses, which does no harm. */
  function namesIn(statement) {
    const found = new Set();
    const visit = (node) => {
      if (ts.isIdentifier(node)) found.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(statement);
    return found;
  }

  /** A module cannot set what another one has declared. */
  function sets(statement, variables) {
    let found = false;
    const visit = (node) => {
      const target = ts.isBinaryExpression(node) ? node.left : (node.operand ?? undefined);
      const isSetting =
        (ts.isBinaryExpression(node) && ts.isAssignmentOperator(node.operatorToken.kind)) ||
        ts.isPrefixUnaryExpression(node) ||
        ts.isPostfixUnaryExpression(node);
      if (isSetting && target && ts.isIdentifier(target) && variables.has(target.text)) found = true;
      ts.forEachChild(node, visit);
    };
    visit(statement);
    return found;
  }

  function parts(code, id, wanted) {
    const source = ts.createSourceFile(id, code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
    const textOf = (statement) => code.slice(statement.getStart(source), statement.end);
    const variables = new Set(source.statements.filter((one) => ts.isVariableStatement(one)).flatMap(declaredIn));
    const goes = source.statements.filter((one) => wanted.has(functionOf(one)) && !sets(one, variables));
    const gone = new Map(goes.map((one) => [functionOf(one), one]));
    const stays = source.statements.filter((one) => !goes.includes(one));
    const imports = stays.filter((one) => ts.isImportDeclaration(one));
    const used = new Set(goes.flatMap((one) => [...namesIn(one)]));
    const lent = stays.flatMap((one) => declaredIn(one)).filter((name) => used.has(name));
    const named = (list, as) => list.map((name) => `${name} as ${as(name)}`).join(', ');
    const own = JSON.stringify(id);
    const other = JSON.stringify(id + BEHIND);
    const taken = [...gone.keys()];
    const told = taken.filter((name) => isExported(gone.get(name)));
    return {
      here: [
        `import { ${named(taken, (name) => name)} } from ${other};`,
        ...stays.map(textOf),
        `export { ${named(lent, (name) => `${name}$lent`)} };`,
        `export { ${told.join(', ')} };`,
      ].join('\n'),
      there: [
        ...imports.map(textOf),
        `import { ${lent.map((name) => `${name}$lent as ${name}`).join(', ')} } from ${own};`,
        ...goes.map((one) => `${isExported(one) ? '' : 'export '}${textOf(one)}`),
      ].join('\n'),
    };
  }

  return {
    name: 'split',
    resolveId: (id) => (isParted(id) ? id : null),
    load: (id) => (isParted(id) ? parted.get(id) : null),
    transform(code, id) {
      const wanted = names[pathOf(id)];
      if (wanted === undefined || isParted(id)) return null;
      const { here, there } = parts(code, id, new Set(wanted));
      parted.set(id + BEHIND, there);
      return { code: here, map: null };
    },
  };
}
