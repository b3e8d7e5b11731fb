// SPDX-License-Identifier: Apache-2.0
/** Rules of one line each that an operator writes, in the configuration and while the server runs. */
@NullMarked
package org.posthouse.plugins.rules;

import org.jspecify.annotations.NullMarked;
