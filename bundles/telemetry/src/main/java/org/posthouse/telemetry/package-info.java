// SPDX-License-Identifier: Apache-2.0
/** What the event log and the health pages have in common. */
@NullMarked
package org.posthouse.telemetry;

import org.jspecify.annotations.NullMarked;
