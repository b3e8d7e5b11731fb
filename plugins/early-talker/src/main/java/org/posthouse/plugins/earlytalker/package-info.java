// SPDX-License-Identifier: Apache-2.0
/** Makes strangers wait for the banner, and catches those that do not. */
@NullMarked
package org.posthouse.plugins.earlytalker;

import org.jspecify.annotations.NullMarked;
