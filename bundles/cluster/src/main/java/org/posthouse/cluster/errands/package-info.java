// SPDX-License-Identifier: Apache-2.0
/** What members ask each other's REST API: requests and answers of any size, in pieces beside the mail. */
@NullMarked
package org.posthouse.cluster.errands;

import org.jspecify.annotations.NullMarked;
