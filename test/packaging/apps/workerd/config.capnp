# One worker on the loopback address. A wasm module is named as the bundle imports it.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .heedWorker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const heedWorker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "heed/kernels/portable.wasm", wasm = embed "node_modules/heed/dist/kernels/portable.wasm"),
    (name = "heed/kernels/one-call.wasm", wasm = embed "node_modules/heed/dist/kernels/one-call.wasm"),
  ],
  compatibilityDate = "2026-01-01",
);
