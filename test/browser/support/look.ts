// What can be measured of how a page looks: its width, the size of what is pressed, its contrasts, and where the keyboard is.
import type { Page } from "playwright-core";

/** How far the page reaches beyond the screen, in CSS pixels; 0 when it can be read without scrolling sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What can be pressed but is narrower or lower than so many CSS pixels. A field in a label is as large as its label. */
export function smallTargets(page: Page, leastPx: number): Promise<string[]> {
  return page.evaluate((least) => {
    const controls = [...document.querySelectorAll("a, button, input, select, textarea, summary")];
    const targets = controls.map((control) => control.closest("label.choice") ?? control);
    return targets
      .filter((target) => target.checkVisibility() && !target.matches(".skip:not(:focus)"))
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width < least - 0.5 || box.height < least - 0.5)
      .map(({ target, box }) => `${target.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`);
  }, leastPx);
}

/** The controls that have no accessible name, as a screen reader is told of them. */
export async function namelessControls(page: Page): Promise<string[]> {
  const told = await page.locator("body").ariaSnapshot();
  const control = /^\s*- (?:button|link|textbox|searchbox|combobox|checkbox|radio|spinbutton|slider|switch)(?! ")/;
  return told.split("\n").filter((line) => control.test(line));
}

/**
 * What has too little contrast for WCAG's AA with what is behind it: texts below 4.5 : 1, and fields and buttons whose edge is told
 * from its surroundings by less than 3 : 1. What cannot be used at the moment is left out.
 */
export function faintParts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const lightness = (color: string): number => {
      const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one: string, other: string): number => {
      const [dark = 0, light = 0] = [lightness(one), lightness(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const backOf = (element: Element | null): string => {
      if (element === null) return "rgb(255, 255, 255)";
      const { backgroundColor } = getComputedStyle(element);
      const [, , , opacity = 1] = channels(backgroundColor);
      return opacity === 0 ? backOf(element.parentElement) : backgroundColor;
    };
    const isWord = (node: Node): boolean => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== "";
    const seen = [...document.querySelectorAll("body *:not(:disabled, option)")].filter((one) => one.checkVisibility());
    const texts = seen
      .filter((one) => one.matches("input, textarea, select") || [...one.childNodes].some(isWord))
      .map((element) => ({ element, ratio: contrast(getComputedStyle(element).color, backOf(element)), least: 4.5 }));
    const edges = seen
      .filter((one) => one.matches("button:not(.link), input:not([type=radio], [type=checkbox]), textarea, select"))
      .map((element) => {
        const around = backOf(element.parentElement);
        const [edge, fill] = [getComputedStyle(element).borderTopColor, backOf(element)];
        return { element, ratio: Math.max(contrast(edge, around), contrast(fill, around)), least: 3 };
      });
    return [...texts, ...edges]
      .filter(({ ratio, least }) => ratio < least)
      .map(({ element, ratio }) => `${element.outerHTML.slice(0, 90)}: ${ratio.toFixed(2)}`);
  });
}

/** Of the element that has the focus: its accessible words, and whether the focus is to be seen. */
export function focused(page: Page): Promise<{ words: string; isSeen: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const style = getComputedStyle(element);
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
    const words = element.getAttribute("aria-label") ?? label ?? element.textContent ?? "";
    const isSeen = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2;
    return { words: words.trim(), isSeen };
  });
}

/** Presses Tab until the focus is on what has these words. Throws when it is lost on the way, or nowhere to be seen. */
export async function tabTo(page: Page, words: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await focused(page);
    if (!focus.isSeen) throw new Error(`the focus is not to be seen on ${JSON.stringify(focus.words.slice(0, 60))}`);
    if (focus.words === words) return;
  }
  throw new Error(`Tab does not lead to ${JSON.stringify(words)}`);
}
