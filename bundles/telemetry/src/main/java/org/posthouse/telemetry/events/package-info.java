// SPDX-License-Identifier: Apache-2.0
/** The event log and those who watch it. */
@NullMarked
package org.posthouse.telemetry.events;

import org.jspecify.annotations.NullMarked;
