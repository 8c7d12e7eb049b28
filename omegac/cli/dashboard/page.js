"use strict";

const REFRESH = 2000;
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = new Set(["svg", "g", "rect", "line", "text", "title"]);
let known = null;

// Names come from anybody: they only ever become text and attributes.
function element(name, attributes, ...children) {
  const made = SHAPES.has(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function put(id, ...children) {
  document.getElementById(id).replaceChildren(...children);
}

const whole = new Intl.NumberFormat("en");
const cents = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const fine = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumSignificantDigits: 3 });

function amount(unit, value) {
  if (value === null) return unit === "dollars" ? "?" : "–";
  const number = Number(value);
  if (unit === "tokens") return whole.format(Math.round(number));
  return "$" + (number > 0 && number < 1 ? fine : cents).format(number);
}

function limit(unit, purse) {
  return purse.limit === null ? "–" : amount(unit, purse.limit) + (purse.period ? "/" + purse.period : "");
}

function moment(text) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const when = new Date(text);
  if (when.toDateString() !== new Date().toDateString()) Object.assign(options, { month: "short", day: "numeric" });
  return when.toLocaleString("en", options);
}

function span(seconds) {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

function table(columns, rows, groups = null) {
  const head = element("tr", {}, ...columns.map(([name, kind]) => element("th", { class: kind, scope: "col" }, name)));
  return element("table", {}, element("thead", {}, groups, head), element("tbody", {}, ...rows));
}

function cell(kind, ...children) {
  return element("td", { class: kind }, ...children);
}

function meter(account) {
  const limited = ["tokens", "dollars"].filter((unit) => Number(account[unit].limit) && account[unit].left !== null);
  if (!limited.length) return null;
  const part = (unit, name) => Number(account[unit][name]) / Number(account[unit].limit);
  const unit = limited.sort((one, other) => part(one, "left") - part(other, "left"))[0];
  const spent = Math.min(100, 100 * part(unit, "spent"));
  const held = Math.min(100 - spent, 100 * part(unit, "held"));
  const text = `${Math.round(spent)} % of the ${unit} spent, ${Math.round(held)} % held`;
  const box = { viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img" };
  return element("svg", box, element("title", {}, text),
    element("rect", { width: 100, height: 10, class: "bed" }),
    element("rect", { width: spent, height: 10, class: part(unit, "left") <= 0.05 ? "full" : "spent" }),
    element("rect", { x: spent, width: held, height: 10, class: "held" }));
}

function forecast(unit, purse) {
  if (purse.expected === null) return null;
  if (purse.gone !== null) return element("div", { class: "soon" }, `${unit} used up at ${moment(purse.gone)}`);
  const much = amount(unit, purse.expected) + (unit === "tokens" ? " tokens" : "");
  return element("div", {}, `${much} by ${moment(purse.end)}`);
}

function accountRow(account) {
  const name = account.name + (account.open ? "" : ` (${whole.format(account.scopes)} ended)`);
  const label = cell(`name ${account.named ? "named" : ""} ${account.open ? "" : "faint"}`, name);
  label.title = account.name;
  label.style.paddingLeft = `${Math.min(account.depth, 20) * 18}px`;
  const figures = ["tokens", "dollars"].flatMap((unit) => [
    ...["spent", "held", "left"].map((key) =>
      cell("number", key === "left" && account[unit].limit === null ? "–" : amount(unit, account[unit][key]))),
    cell("number", limit(unit, account[unit])),
  ]);
  const ends = [...new Set(["tokens", "dollars"].map((unit) => account[unit].end).filter(Boolean))];
  const told = ["tokens", "dollars"].map((unit) => account[unit].limit === null ? null : forecast(unit, account[unit]));
  return element("tr", {}, label, cell("meter", ...[meter(account)].filter(Boolean)), ...figures,
    cell("", ends.map(moment).join(", ") || "–"), cell("", ...told.filter(Boolean)));
}

function key() {
  return element("span", {}, element("span", { class: "key spent" }), "spent", element("span", { class: "key held" }), "held");
}

function accounts(data) {
  const unit = ["spent", "held", "left", "limit"].map((name) => [name, "number"]);
  const groups = element("tr", {}, element("th", { colspan: 2, class: "group" }),
    ...["tokens", "dollars"].map((name) => element("th", { colspan: 4, class: "group", scope: "colgroup" }, name)),
    element("th", { colspan: 2, class: "group" }));
  const columns = [["account", ""], [key(), ""], ...unit, ...unit, ["whole again at", ""], ["forecast", ""]];
  return [table(columns, data.accounts.map(accountRow), groups), ...more(data.more_accounts)];
}

function holdRow(hold) {
  const long = (text) => {
    const made = cell("long", text);
    made.title = text;
    return made;
  };
  const process = hold.machine ? `${hold.machine}, process ${hold.process}` : `process ${hold.process}`;
  return element("tr", {}, long(hold.account), long(`${hold.file}:${hold.line}`), long(hold.model),
    long(hold.program === null ? "–" : hold.program), long(process), cell("number", span(hold.age)),
    cell("number", amount("tokens", hold.held)), cell("number", amount("dollars", hold.dollars_held)),
    cell("number", hold.lease > 0 ? span(hold.lease) : "over: counts as spent soon"));
}

function holds(data) {
  if (!data.holds.length) return [element("p", {}, "No calls are under way.")];
  const columns = [["account", ""], ["site", ""], ["model", ""], ["run", ""], ["held by", ""], ["for", "number"],
    ["tokens", "number"], ["dollars", "number"], ["lease", "number"]];
  return [table(columns, data.holds.map(holdRow)), ...more(data.more_holds)];
}

function more(count) {
  return count ? [element("p", { class: "faint" }, `and ${whole.format(count)} more; omegac ledger show has all`)] : [];
}

function chart(lines, unit, isDays) {
  const width = 1000, height = 150, left = 70, bottom = 20;
  const values = lines.map((line) => Number(line[unit] || 0));
  const top = Math.max(...values) || 1;
  const step = (width - left) / lines.length;
  const zone = isDays ? { timeZone: "UTC" } : {};
  const label = (line) => new Date(line.start).toLocaleString("en", isDays ? { ...zone, month: "short", day: "numeric" }
    : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const parts = [element("line", { x1: left, x2: width, y1: height - bottom, y2: height - bottom, class: "grid" }),
    element("text", { x: left - 6, y: 12, class: "label end" }, amount(unit, top)),
    element("text", { x: left - 6, y: height - bottom, class: "label end" }, "0")];
  lines.forEach((line, i) => {
    const tall = (height - bottom - 4) * values[i] / top;
    const day = isDays ? label(line) : `${new Date(line.start).toLocaleDateString("en")} ${label(line)}`;
    const told = `${day}: ${amount("tokens", line.tokens)} tokens, ${amount("dollars", line.dollars)}, ${line.calls} calls`;
    parts.push(element("rect", { x: left + i * step + 1, y: height - bottom - tall, width: step - 2,
      height: tall, class: "column" }, element("title", {}, told)));
    if (i % (isDays ? 5 : 6) === 0) {
      parts.push(element("text", { x: left + i * step + step / 2, y: height - 5, class: "label middle" }, label(line)));
    }
  });
  return element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }, ...parts);
}

function figure(name, text) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, text));
}

function show(data) {
  document.title = data.ledger;
  put("ledger", data.ledger);
  const all = data.accounts[0];
  put("totals", figure("tokens spent", amount("tokens", all.tokens.spent)),
    figure("dollars spent", amount("dollars", all.dollars.spent)),
    figure("tokens held", amount("tokens", all.tokens.held)),
    figure("calls under way", whole.format(data.holds.length + data.more_holds)));
  put("accounts", ...accounts(data));
  put("holds", ...holds(data));
  const unit = document.querySelector("input[name=unit]:checked").value;
  put("hours", chart(data.hours, unit, false));
  put("days", chart(data.days, unit, true));
}

function say(text, isWrong) {
  const state = document.getElementById("state");
  state.textContent = text;
  state.className = isWrong ? "wrong" : "";
}

async function refresh() {
  const since = known === null ? "" : ` The figures are those of ${new Date(known.time).toLocaleTimeString("en-GB")}.`;
  try {
    const answer = await fetch("ledger.json", { cache: "no-store" });
    const data = await answer.json();
    if (answer.ok) {
      known = data;
      show(data);
      say(`as of ${new Date(data.time).toLocaleTimeString("en-GB")}`, false);
    } else {
      say(`This can't be read now: ${data.error}.${since}`, true);
    }
  } catch {
    say(`Nobody answers here any more; start omegac ledger serve again.${since}`, true);
  }
  setTimeout(refresh, REFRESH);
}

document.querySelectorAll("input[name=unit]").forEach((each) => each.addEventListener("change", () => known && show(known)));
refresh();
