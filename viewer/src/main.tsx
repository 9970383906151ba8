import { render } from "preact";
import "./style/main.css";
import { start } from "./state/store";
import { App } from "./ui/App";

start();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
