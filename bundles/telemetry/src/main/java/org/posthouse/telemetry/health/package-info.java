// SPDX-License-Identifier: Apache-2.0
/** What an operator's probes read: metrics, health and readiness over HTTP. */
@NullMarked
package org.posthouse.telemetry.health;

import org.jspecify.annotations.NullMarked;
