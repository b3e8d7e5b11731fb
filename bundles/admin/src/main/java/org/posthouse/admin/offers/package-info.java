// SPDX-License-Identifier: Apache-2.0
/** Commands and pages of plugins, found in the service registry and asked within limits. */
@NullMarked
package org.posthouse.admin.offers;

import org.jspecify.annotations.NullMarked;
