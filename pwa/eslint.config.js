// ESLint: TypeScript strict, Vue, and the floors of design section 6. Every ignored rule carries its reason.

import { defineConfig } from 'eslint/config'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'
import { floors } from './build/floors.ts'

export default defineConfig(
  { ignores: ['dist/**', 'node_modules/**', 'public/**'] },
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.ts', '**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser, sourceType: 'module' } },
    plugins: { floors: { rules: { floors } } },
    rules: {
      'floors/floors': 'error',
      'no-undef': 'off', // TypeScript already knows every name; ESLint does not know its types
      eqeqeq: 'error',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-console': 'error', // a fault is shown to the person or kept; a console nobody reads is neither
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-emits-declaration': ['error', 'type-based'],
      'vue/define-props-declaration': ['error', 'type-based'],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off', // screens carry one noun of the glossary
      'vue/require-default-prop': 'off', // optional props are typed as possibly undefined
      'vue/max-attributes-per-line': 'off', // line breaks in templates are the author's choice
      'vue/singleline-html-element-content-newline': 'off', // same
      'vue/multiline-html-element-content-newline': 'off', // same
      'vue/html-closing-bracket-newline': 'off', // same
      'vue/html-self-closing': 'off', // same
      'vue/html-indent': 'off', // same
      'vue/first-attribute-linebreak': 'off', // same
      'vue/attributes-order': 'off', // same
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.vue'],
    ignores: ['src/sw/**', '**/*.test.ts'],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      // a save nobody waited for is a save nobody noticed failing
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off', // a test that meets null has failed anyway
      'max-lines-per-function': 'off', // a describe block is a list, not a function
    },
  },
)
