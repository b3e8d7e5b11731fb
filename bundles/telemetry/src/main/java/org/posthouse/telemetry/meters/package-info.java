// SPDX-License-Identifier: Apache-2.0
/** The meters of the process and the page that shows them. */
@NullMarked
package org.posthouse.telemetry.meters;

import org.jspecify.annotations.NullMarked;
