// SPDX-License-Identifier: Apache-2.0
/** Rules of one line each that forward, redirect, refuse or hold mail. */
@NullMarked
package org.posthouse.plugins.routing;

import org.jspecify.annotations.NullMarked;
