/** All components of the design system: importing this registers every one. */

export { StElement, define } from "./element.js";
export { css, base } from "./sheet.js";
export { h, fill, later, focused, isTyping } from "./dom.js";
export { icon, iconNames } from "./icons.js";
export { StAvatar } from "./components/st-avatar.js";
export { StBadge } from "./components/st-badge.js";
export { StButton } from "./components/st-button.js";
export { StDialog, ask } from "./components/st-dialog.js";
export { StEmpty } from "./components/st-empty.js";
export { StField } from "./components/st-field.js";
export { StList } from "./components/st-list.js";
export { StMenu } from "./components/st-menu.js";
export { StMeter, toneOfRisk } from "./components/st-meter.js";
export { StPalette } from "./components/st-palette.js";
export { StSpark } from "./components/st-spark.js";
export { StTabs } from "./components/st-tabs.js";
export { StToasts, toast } from "./components/st-toast.js";
