package tabular

// Record reads the file as one record, a field and its value on each line, and
// returns it as a row whose columns are the fields. A line "field,value" at the
// top is a title. A field that is not among fields is a problem: it may be one of
// them, misspelled.
func (f *File) Record(fields []Column) Row {
	row := Row{cells: []Cell{{Line: 1, Column: 1}}, head: &head{file: f, at: map[string]int{}, columns: fields}}
	at, known := row.head.at, index(fields)
	grid := f.grid(func(g [][]Cell) int {
		n := 0
		for _, line := range g {
			if len(line) > 1 && known.find(line[0]) >= 0 {
				n++
			}
		}
		return n
	})
	for i, line := range grid {
		name := Normal(line[0].Text)
		if i == 0 && (name == "field" || name == "key" || name == "name" && len(line) > 1 && Normal(line[1].Text) == "value") {
			f.skip(Title, line[0], "")
			continue
		}
		col := known.find(line[0])
		if col < 0 {
			f.Reject(line[0], "", "there is no such field")
			continue
		}
		column := fields[col].Name
		if _, twice := at[column]; twice {
			f.Reject(line[0], column, "the field is there twice")
			continue
		}
		for _, c := range line[min(2, len(line)):] {
			if c.Text != "" {
				f.Reject(c, column, "the line has more than a field and its value; a value with a comma needs quotes")
				break
			}
		}
		value := Cell{Line: line[0].Line, Column: line[0].Column}
		if len(line) > 1 {
			value = line[1]
		}
		at[column] = len(row.cells)
		row.cells = append(row.cells, value)
	}
	for _, c := range fields {
		if _, found := at[c.Name]; !found && c.Required {
			f.Reject(Cell{}, c.Name, "the file lacks this field")
		}
	}
	return row
}
