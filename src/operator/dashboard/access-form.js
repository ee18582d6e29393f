// The access rules as the form holds them: read from the fields, and written to them.

/** What the fields say, as the call takes it, or what is wrong: `{ rules }` or `{ problem, field }`. */
export function rulesOf({ isLimited, users, groups, rule, opens, closes }) {
  const opensAt = toMoment(opens);
  const closesAt = toMoment(closes);
  if (Number.isNaN(opensAt)) return { problem: "This is not a moment.", field: "opens" };
  if (Number.isNaN(closesAt)) return { problem: "This is not a moment.", field: "closes" };
  if (opensAt !== null && opensAt === closesAt) {
    return { problem: "It cannot open and close at the same moment.", field: "closes" };
  }
  const allow = { userIds: toLines(users), groups: toLines(groups), rule: rule.trim() === "" ? null : rule.trim() };
  return { rules: { mode: isLimited ? "limited" : "open", allow, opensAt, closesAt } };
}

/** Each line once, without blanks around it. */
export function toLines(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ""))];
}

/** A moment as a field for date and time holds it, by this device's clock. */
export function toLocal(at) {
  if (at === null) return "";
  const date = new Date(at);
  const shifted = new Date(at - 60_000 * date.getTimezoneOffset());
  return shifted.toISOString().slice(0, 16);
}

function toMoment(local) {
  return local === "" ? null : new Date(local).getTime();
}

/** What setting these rules will do, in sentences. `sayMoment` says when. */
export function sayRules({ mode, allow, opensAt, closesAt }, sayAllowed, sayMoment) {
  const named = sayAllowed(allow);
  const sentences = [];
  if (mode === "open") sentences.push("Everybody may come in.");
  else {
    const [who, others] = named === "nobody" ? ["Nobody", "Everybody"] : [`Only ${named}`, "Everybody else"];
    sentences.push(`${who} may come in.`);
    sentences.push(
      `${others} is refused at the login, at their next refresh and at every room; open connections stay.`,
    );
  }
  if (opensAt !== null) sentences.push(`It opens to everybody at ${sayMoment(opensAt)}.`);
  if (closesAt !== null) sentences.push(`It becomes limited to ${named} at ${sayMoment(closesAt)}.`);
  return sentences;
}
