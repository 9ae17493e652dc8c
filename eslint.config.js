import tseslint from 'typescript-eslint'

const tests = ['**/*.{spec,e2e,k8s,contract,fixture}.{ts,tsx}', '**/{testing,dev,e2e}/**']

/** What TypeScript does not see. Imports between parts are checked by dependency-cruiser, the rest by the style test. */
export default tseslint.config(
  { ignores: ['**/dist/**', '**/generated/**', '**/node_modules/**'] },
  ...tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // `import { type A }` alone would still be an import when the program runs.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // The identity of intersections is written {}.
      '@typescript-eslint/no-empty-object-type': ['error', { allowObjectTypes: 'always' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-constructor-return': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'object-shorthand': 'error',
      'prefer-template': 'error',
    },
  },
  {
    files: ['{libs,apps}/**/*.{ts,tsx}'],
    ignores: tests,
    rules: { 'max-lines-per-function': ['error', { max: 70, skipComments: true, skipBlankLines: true }] },
  },
  {
    // A component is mostly markup: its lines are no measure of what it does.
    files: ['apps/console/**/*.tsx'],
    rules: { 'max-lines-per-function': ['error', { max: 140, skipComments: true, skipBlankLines: true }] },
  },
  {
    // A graph's closures take and give the types of the program's records, which the graph no longer knows: only `any`
    // fits functions of every type in both directions.
    files: ['libs/api/src/**/*.ts'],
    rules: { '@typescript-eslint/no-explicit-any': 'off' },
  },
  {
    // Nest injects by the types that constructors state: such an import must stay when the program runs.
    files: ['apps/control-plane/**/*.ts'],
    languageOptions: { parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true } },
  },
  {
    // A global is declared by `var` and by nothing else.
    files: ['**/*.d.ts'],
    rules: { 'no-var': 'off' },
  },
  {
    // A library tells its caller; only the shells write to a terminal.
    files: ['libs/**/*.ts'],
    ignores: ['libs/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='console']",
          message: 'Throw, or tell the caller by a callback.',
        },
      ],
    },
  },
)
