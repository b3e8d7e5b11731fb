// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code posthouse version}. */
@Command(name = "version", description = "Prints the version.")
final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        spec.commandLine().getOut().println(text());
        return 0;
    }

    private static String text() {
        return "posthouse " + current() + " (Java " + Runtime.version() + ")";
    }

    /** What {@code --version} prints. */
    static final class Text implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {text()};
        }
    }

    /** The version of this jar, set by the build. */
    static String current() {
        String version = Launcher.class.getPackage().getImplementationVersion();
        return version == null ? "unreleased" : version;
    }
}
