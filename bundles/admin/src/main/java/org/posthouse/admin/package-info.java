// SPDX-License-Identifier: Apache-2.0
/** The REST API under {@code /api/v1} and the HTTP port that it shares with the console. */
@NullMarked
package org.posthouse.admin;

import org.jspecify.annotations.NullMarked;
