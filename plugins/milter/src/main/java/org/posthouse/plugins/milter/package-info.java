// SPDX-License-Identifier: Apache-2.0
/** Asks mail filters that speak the protocol of Sendmail's milters. */
@NullMarked
package org.posthouse.plugins.milter;

import org.jspecify.annotations.NullMarked;
