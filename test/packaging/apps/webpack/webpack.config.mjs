// Webpack as most people have it: nothing but an entry.
export default { mode: "production", entry: "./page.mjs" };
