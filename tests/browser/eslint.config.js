/**
 * What ESLint holds the pages and their checks to: its own recommended rules, and a few of the house.
 *
 * Run from the root of the repository, as ./run does: paths are read from there.
 */

import js from "@eslint/js";
import globals from "globals";

const MARKUP_IS_ASSIGNED = "AssignmentExpression[left.property.name=/^(inner|outer)HTML$/]";
const MARKUP_ONLY = "only constant markup may be assigned: a literal, or a template of CONSTANTS and icon(…)";

/** Markup is written only where it is constant; what people wrote becomes text nodes. */
const MARKUP = [
  { selector: `${MARKUP_IS_ASSIGNED}[right.type!='Literal'][right.type!='TemplateLiteral']`, message: MARKUP_ONLY },
  {
    selector: `${MARKUP_IS_ASSIGNED} > TemplateLiteral > :not(TemplateElement, Identifier[name=/^[A-Z][A-Z0-9_]*$/], CallExpression[callee.name='icon'])`,
    message: MARKUP_ONLY,
  },
  {
    selector: "CallExpression[callee.property.name=/^(insertAdjacentHTML|setHTMLUnsafe|parseHTMLUnsafe|createContextualFragment)$/]",
    message: "build nodes from text instead",
  },
  { selector: "CallExpression[callee.object.name='document'][callee.property.name=/^write/]", message: "build nodes from text instead" },
];

export default [
  { ignores: ["**/vendor/**", "**/node_modules/**"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "default-case-last": "error",
      eqeqeq: ["error", "always"],
      "max-lines": ["error", 450],
      "no-alert": "error",
      "no-constructor-return": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-restricted-syntax": ["error", ...MARKUP],
      "no-self-compare": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unused-vars": ["error", { caughtErrors: "none", argsIgnorePattern: "^_" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-promise-reject-errors": "error",
    },
  },
  { files: ["web/**/*.js"], languageOptions: { globals: globals.browser } },
  // A check is a node program whose parts also run inside the page.
  { files: ["tests/browser/**"], languageOptions: { globals: { ...globals.browser, ...globals.node } } },
];
