/** The shapes that the widget's modules pass to each other. For the type checker and for readers; browsers never load it. */

/** One source of a reply. */
export interface Citation {
  source?: string;
  title?: string;
  quote?: string;
}

/** A file that the server has. */
export interface FileRef {
  id: string;
  name: string;
  type: string;
  bytes: number;
}

/** A message that the server has not acknowledged yet. */
export interface Item {
  id: string;
  text: string;
  /** When it was written, in milliseconds since 1970. */
  at: number;
  files?: FileRef[];
}

/** A frame from the server; which fields it has depends on `type` (docs/protocol.md). */
export interface Frame {
  type: string;
  id: string;
  reply: string;
  seq: number;
  after: number;
  conversation: string;
  text: string;
  from: "steward" | "agent";
  event: string;
  name?: string;
  citations?: Citation[];
  decision?: "answer" | "clarify" | "hand_off" | null;
  files?: FileRef[];
  code: string;
  message: string;
  retry_after_ms?: number | null;
}

/** What the server says of the widget: `GET /v1/widget`. A server that is older says less, and then the page's words and the defaults count. */
export interface Settings {
  heading?: string;
  greeting?: string;
  accent?: string;
  /** What is written on it, and the color as lines and marks on light and dark surfaces. */
  accent_text?: string;
  accent_on_light?: string;
  accent_on_dark?: string;
  position?: "right" | "left";
  locale?: string;
  color_scheme?: ColorScheme;
  suggestions?: string[];
  pre_chat?: "off" | "optional" | "required";
  hours?: { open: boolean; next_open_ms?: number | null };
  offline_message?: string;
  survey?: boolean;
  files?: { enabled: boolean; max_bytes: number; types: string[] };
  people_online?: boolean;
}

export type ColorScheme = "auto" | "light" | "dark";

export type ConnectionState = "connecting" | "online" | "waiting" | "offline" | "signed_out";

export type MessageState = "queued" | "sending" | "delivered" | "refused";

/** What the socket tells; see the head of socket.js. */
export interface Handlers {
  state(name: ConnectionState, detail: { seq?: number; delayMs?: number }): void;
  frame(frame: Frame): void;
  delivered(id: string, seq: number, kept: string | null): void;
  sending(id: string): void;
  limited(ms: number, text: string): void;
  refused(id: string, code: string, text: string): void;
  notice(code: string, text: string): void;
  read(): void;
  moved(): void;
  reset(): void;
  tokenExpired(): void;
}

/** The widget's elements, each by the first of its classes; template.js has them. */
export type Parts = {
  launcher: HTMLButtonElement;
  save: HTMLButtonElement;
  sound: HTMLButtonElement;
  send: HTMLButtonElement;
  attach: HTMLButtonElement;
  person: HTMLButtonElement;
  again: HTMLButtonElement;
  "to-end": HTMLButtonElement;
  "banner-action": HTMLButtonElement;
  composer: HTMLFormElement;
  text: HTMLTextAreaElement;
  picker: HTMLInputElement;
} & Record<string, HTMLElement>;

/** What is known of the customer beyond the token: said by them or by the page, verified by nobody. */
export interface Attributes {
  name?: string;
  email?: string;
  custom?: Record<string, string | number | boolean>;
}

/** `window.stewardSettings`, and what `StewardSDK.run` takes. */
export interface SdkSettings {
  websiteToken?: string;
  baseUrl?: string;
  token?: string;
  locale?: string;
  colorScheme?: ColorScheme;
  position?: "right" | "left";
  heading?: string;
  greeting?: string;
  suggestions?: string[];
  sound?: boolean;
  titleNotice?: boolean;
  hideBubble?: boolean;
  open?: boolean;
}
