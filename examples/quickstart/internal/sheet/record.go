package sheet

// ReadRecord reads data as one record, a field and its value on each line, and
// returns it as a row whose columns are the fields. A line "field,value" at the
// top is skipped. A field that is not among columns is a problem: it may be one
// of them, misspelled.
func ReadRecord(data []byte, columns []Column, log *Log) Row {
	row := Row{cells: []Cell{{Line: 1, Column: 1}}, at: map[string]int{}, log: log}
	for i, line := range Grid(data, log) {
		name := Normal(line[0].Text)
		if i == 0 && (name == "field" || name == "key" || name == "name" && len(line) > 1 && Normal(line[1].Text) == "value") {
			continue
		}
		column := field(columns, name)
		if column == "" {
			log.Add(line[0], "", "there is no such field")
			continue
		}
		if _, twice := row.at[column]; twice {
			log.Add(line[0], column, "the field is there twice")
			continue
		}
		for _, c := range line[min(2, len(line)):] {
			if c.Text != "" {
				log.Add(c, column, "the line has more than a field and its value; a value with a comma needs quotes")
				break
			}
		}
		value := Cell{Line: line[0].Line, Column: line[0].Column}
		if len(line) > 1 {
			value = line[1]
		}
		row.at[column] = len(row.cells)
		row.cells = append(row.cells, value)
	}
	for _, c := range columns {
		if _, found := row.at[c.Name]; !found && c.Required {
			log.Add(Cell{}, c.Name, "the file lacks this field")
		}
	}
	return row
}

func field(columns []Column, name string) string {
	for _, c := range columns {
		if c.is(name) {
			return c.Name
		}
	}
	return ""
}

// Has reports whether the cell of a column is filled.
func (r Row) Has(column string) bool { return r.Cell(column).Text != "" }

// Missing reports whether the file lacks the column as a whole, which has been
// reported where it is required.
func (r Row) Missing(column string) bool { _, found := r.at[column]; return !found }
