// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.service.Limiter;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Kept;
import org.posthouse.state.spi.LocalState;
import org.posthouse.state.spi.Stamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this node keeps, for the cluster. */
final class HouseState implements LocalState {
    private static final Logger LOG = LoggerFactory.getLogger(HouseState.class);

    private final StateHouse house;

    HouseState(StateHouse house) {
        this.house = house;
    }

    @Override
    public long now() {
        return house.clock().even();
    }

    @Override
    public boolean remembers() {
        return house.ending().remembers();
    }

    @Override
    public Optional<Kept> limit(String name, Limiter.Rate rate) {
        return CellKept.of(house, name, rate);
    }

    @Override
    public Vault.Page shared(byte[] from, int most) throws SpoolException {
        Vault.Page page = house.vault().walk(from, most);
        return new Vault.Page(
                page.items().stream()
                        .filter(item -> Space.shared(item.table()).isPresent())
                        .toList(),
                page.next());
    }

    @Override
    public Stamp stamp(Vault.Item item) {
        try {
            return Values.cell(item).stamp();
        } catch (IOException e) {
            LOG.debug("The value of {} in {} can not be read and counts as old", item.key(), item.table(), e);
            return Stamp.BEFORE;
        }
    }

    @Override
    public int merge(List<Vault.Item> items) throws SpoolException {
        int changed = 0;
        for (Vault.Item item : items) {
            Optional<Cell.TableName> table = Space.shared(item.table());
            if (table.isEmpty()) {
                continue;
            }
            try {
                Cell cell = Values.cell(item);
                if (cell.expires() > house.clock().millis()
                        && house.cells().adopt(new Cell.Place(table.get(), item.key()), cell)) {
                    changed++;
                }
            } catch (IOException | IllegalArgumentException e) {
                LOG.warn("What another node told of {} in {} can not be read", item.key(), item.table(), e);
            }
        }
        return changed;
    }
}
