// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.util.Optional;
import org.posthouse.api.operator.CommandException;
import org.posthouse.mailauth.domain.DomainName;

/** Domains and selectors as operators write them, in the one form in which files are called by them. */
final class Names {
    private Names() {}

    static String domain(String text) throws CommandException {
        return DomainName.ascii(text).orElseThrow(() -> new CommandException(text + " is no domain"));
    }

    /** The name of a file would be read in two ways if selectors had dots. */
    static String selector(String text) throws CommandException {
        Optional<String> ascii = DomainName.ascii(text).filter(name -> name.indexOf('.') < 0);
        return ascii.orElseThrow(
                () -> new CommandException(text + " is no selector: letters, digits and hyphens, without a dot"));
    }
}
