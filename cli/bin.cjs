#!/usr/bin/env node
"use strict";
const { handOver } = require("../scripts/hand-over.cjs");

handOver("cli/touchstone.ts", process.argv.slice(2));
