/**
 * The demo shop's own script: who is shopping, and the buttons that ask the chat.
 *
 * In: GET /v1/demo/customers, POST /v1/demo/sign-in. Out: the chat's token. Without those routes the page is a shop for visitors.
 */

const SIGNED_IN_AS = "fernhill:customer";
const VISITOR = { id: "", name: "Visitor", note: "Not signed in" };
const VISITOR_QUESTIONS = ["How much is shipping?", "How do I return something?", "Which tent is good for two people?"];
const CUSTOMER_QUESTIONS = ["Where is my order?", "What did I order last?", "How do I return something?"];

/** @typedef {{ id: string, name: string, note?: string }} Customer */

const chat = /** @type {HTMLElement & { open: boolean, token: string | null, ask(text: string): void }} */ (part("steward-chat"));
const picker = part(".who");
const menu = part("#customers");
const people = part(".people");
const problem = part(".sign-in-problem");

for (const button of parts("[data-ask]")) {
  button.addEventListener("click", () => chat.ask(button.dataset.ask ?? ""));
}
for (const button of parts("[data-open-chat]")) {
  button.addEventListener("click", () => (chat.open = true));
}

/** @type {Customer} */
let current = VISITOR; // who the shop greets
const customers = await knownCustomers();
if (customers.length > 0) {
  showPicker();
  const last = customers.find(({ id }) => id === sessionStorage.getItem(SIGNED_IN_AS));
  if (last) await shopAs(last);
}
chat.addEventListener("steward:token-expired", () => {
  if (current !== VISITOR) shopAs(current);
});

/** @returns {Promise<Customer[]>} */
async function knownCustomers() {
  try {
    const response = await fetch("/v1/demo/customers");
    if (!response.ok) return [];
    const { customers: listed } = await response.json();
    return Array.isArray(listed) ? listed : [];
  } catch {
    return [];
  }
}

function showPicker() {
  people.replaceChildren(...[VISITOR, ...customers].map(choiceOf));
  showWho(VISITOR);
  picker.hidden = false;
}

/** @param {Customer} customer */
function choiceOf(customer) {
  const label = document.createElement("label");
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = "customer";
  radio.value = customer.id;
  radio.addEventListener("change", () => shopAs(customer));
  // A second click on the one already chosen is a choice too: it puts the menu away.
  radio.addEventListener("click", (event) => event.detail > 0 && menu.hidePopover());
  const words = document.createElement("span");
  const name = document.createElement("strong");
  name.textContent = customer.name;
  const note = document.createElement("small");
  note.textContent = customer.note ?? "";
  words.append(name, note);
  label.append(radio, initialsOf(customer), words);
  return label;
}

/** @param {Customer} customer */
async function shopAs(customer) {
  problem.hidden = true;
  try {
    chat.token = customer.id === "" ? null : await signIn(customer.id);
  } catch {
    problem.textContent = `Signing in as ${customer.name} did not work. Please try again.`;
    problem.hidden = false;
    showWho(current); // whom the choice did not reach stays unchosen, so that choosing again is a change
    menu.showPopover();
    return;
  }
  sessionStorage.setItem(SIGNED_IN_AS, customer.id);
  chat.setAttribute("suggestions", JSON.stringify(customer.id === "" ? VISITOR_QUESTIONS : CUSTOMER_QUESTIONS));
  showWho(customer);
}

/** @param {string} customer their id */
async function signIn(customer) {
  const response = await fetch("/v1/demo/sign-in", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ customer }),
  });
  if (!response.ok) throw new Error(`sign-in: status ${response.status}`);
  return (await response.json()).token;
}

/** @param {Customer} customer */
function showWho(customer) {
  current = customer;
  part(".who-name", picker).textContent = customer.name;
  part(".initials", picker).replaceWith(initialsOf(customer));
  for (const radio of people.querySelectorAll("input")) radio.checked = radio.value === customer.id;
}

/** @param {Customer} customer */
function initialsOf({ name }) {
  const span = document.createElement("span");
  span.className = "initials";
  span.setAttribute("aria-hidden", "true");
  const words = name.split(/\s+/);
  span.textContent = [words[0], words.length > 1 ? words[words.length - 1] : ""].map((word) => word.charAt(0)).join("");
  return span;
}

/**
 * The part of the page that the selector names; the page always has it.
 * @param {string} selector
 * @param {ParentNode} [inside]
 */
function part(selector, inside = document) {
  return /** @type {HTMLElement} */ (inside.querySelector(selector));
}

/**
 * @param {string} selector
 * @returns {NodeListOf<HTMLElement>}
 */
function parts(selector) {
  return document.querySelectorAll(selector);
}

export {};
