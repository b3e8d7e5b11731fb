// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Plugins.Plugin;
import org.posthouse.pipeline.spi.Plugins.PluginException;
import org.posthouse.pipeline.spi.Plugins.Profile;
import org.posthouse.pipeline.spi.Plugins.Standing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the operator may do with plugins by command. */
final class Verbs {
    private static final Logger LOG = LoggerFactory.getLogger(Verbs.class);

    private final Residents residents;
    private final Shelf shelf;
    private final Books books;
    private final Settlement settlement;
    private final Installer installer;
    private final Rollback rollback;
    private final Profiles profiles;
    private final Herald herald;

    Verbs(
            Residents residents,
            Shelf shelf,
            Books books,
            Settlement settlement,
            Installer installer,
            Rollback rollback,
            Profiles profiles,
            Herald herald) {
        this.residents = residents;
        this.shelf = shelf;
        this.books = books;
        this.settlement = settlement;
        this.installer = installer;
        this.rollback = rollback;
        this.profiles = profiles;
        this.herald = herald;
    }

    void disable(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> {
            books.disabled().set(name, true);
            books.expected().leave(name);
        });
        settlement.settle(resident);
        herald.tell(name, "disabled", "");
        residents.flip();
    }

    void enable(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> books.disabled().set(name, false));
        settlement.settle(resident);
        herald.tell(name, "enabled", "");
        residents.flip();
    }

    void remove(String name) throws PluginException {
        Resident resident = known(name);
        write(() -> {
            shelf.clear(name, null);
            books.forget(name);
        });
        resident.jar = null;
        residents.retire(resident);
        herald.tell(name, "removed", "");
        LOG.info("Plugin {} was removed", name);
        residents.flip();
    }

    /**
     * Takes a jar by command: it stands in the folder when it serves, and else nothing was changed.
     *
     * @throws PluginException when it was refused, and why
     */
    Plugin install(Path source) throws PluginException {
        try {
            PluginJar read = shelf.read(source);
            return install(read.at(shelf.home(read.name())));
        } catch (HouseException e) {
            LOG.warn("{} was not installed: it {}; nothing was changed", source, e.getMessage());
            herald.tell(String.valueOf(source.getFileName()), "refused", String.valueOf(e.getMessage()));
            throw new PluginException(source.getFileName() + " " + e.getMessage() + "; nothing was changed");
        }
    }

    private Plugin install(PluginJar jar) throws HouseException {
        PluginJar there = shelf.at(jar.file());
        if (there != null && !there.name().equals(jar.name())) {
            throw new HouseException("can not stand at " + jar.file() + ": plugin " + there.name() + " is there");
        }
        Resident known = residents.find(jar.name());
        Resident resident = known == null ? new Resident(jar.name()) : known;
        if (books.disabled().contains(jar.name())) {
            shelf.put(jar);
        } else {
            installer.raise(resident, jar, Arrival.INSTALLED);
        }
        residents.join(resident);
        resident.jar = jar.lighter();
        residents.flip();
        return residents.line(resident);
    }

    /** Puts the jar before back. */
    Plugin rollback(String name) throws PluginException {
        Resident resident = known(name);
        Tenancy left = resident.serving;
        if (books.disabled().contains(name)) {
            throw new PluginException("Plugin " + name + " is disabled; nothing was changed");
        }
        try {
            rollback.run(resident);
        } catch (HouseException e) {
            throw new PluginException("Plugin " + name + " " + e.getMessage() + "; nothing was changed");
        }
        String from = left == null ? "" : ", from " + left.generation().label();
        herald.rolledBack(name, false, "by command" + from);
        residents.flip();
        return residents.line(resident);
    }

    /** Whether there is a jar before. May be called by all. */
    boolean hasPrevious(String name) {
        return Files.exists(books.kept().previous(name));
    }

    /** What a jar is; nothing of it is installed. May be called by all. */
    Profile profile(Path source) throws PluginException {
        try {
            return profiles.of(shelf.read(source), List.of());
        } catch (HouseException e) {
            throw new PluginException(source.getFileName() + " " + e.getMessage());
        }
    }

    /** What is known of a plugin. */
    Profile show(String name) throws PluginException {
        Resident resident = known(name);
        try {
            List<Standing> standings = profiles.standings(resident, residents.share(resident), previous(name));
            if (resident.serving != null) {
                return profiles.of(shelf.peek(books.kept().serving(name)), standings);
            }
            return resident.jar == null
                    ? profiles.missing(name, books.expected().hooks(name), standings)
                    : profiles.of(shelf.peek(resident.jar.file()), standings);
        } catch (HouseException e) {
            throw new PluginException("The jar of " + name + " " + e.getMessage());
        }
    }

    /** Why plugins do not serve as they should; one that nobody expects may wait. */
    Map<String, String> troubles() {
        Map<String, String> troubles = new TreeMap<>();
        for (Resident resident : residents.all()) {
            boolean refused = resident.state == Resident.State.ACTIVE && !resident.detail.isEmpty();
            boolean gone = resident.state == Resident.State.FAILED || resident.state == Resident.State.MISSING;
            if (refused || gone) {
                troubles.put(resident.name, resident.detail);
            }
        }
        return troubles;
    }

    /** Why the watch put the jar before back. */
    String withdrawn(String name) throws PluginException {
        return known(name).withdrawn;
    }

    /** The jar that a rollback would lead to; null when none is kept. */
    private @Nullable PluginJar previous(String name) throws HouseException {
        Path copy = books.kept().previous(name);
        return Files.exists(copy) ? shelf.peek(copy).lighter() : null;
    }

    private Resident known(String name) throws PluginException {
        Resident resident = residents.find(name);
        if (resident == null) {
            throw new PluginException("There is no plugin " + name + "; there are: " + residents.names());
        }
        return resident;
    }

    /** A change of durable state. */
    @FunctionalInterface
    private interface Writing {
        void run() throws IOException;
    }

    private static void write(Writing writing) throws PluginException {
        try {
            writing.run();
        } catch (IOException e) {
            LOG.error("The state of plugins could not be written", e);
            throw new PluginException("The change could not be written: " + e.getMessage());
        }
    }
}
