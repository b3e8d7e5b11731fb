// SPDX-License-Identifier: Apache-2.0
/** Where recipients go: configured routes, mail exchangers, sites. */
@NullMarked
package org.posthouse.delivery.route;

import org.jspecify.annotations.NullMarked;
